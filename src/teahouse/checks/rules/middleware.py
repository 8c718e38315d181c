"""MIDDLEWARE: whether what protects forms is there, and what answers other sites comes early enough."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from django.utils.module_loading import import_string

from teahouse.checks.findings import Finding
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check

_CSRF = "django.middleware.csrf.CsrfViewMiddleware"
_COMMON = "django.middleware.common.CommonMiddleware"
_LOGIN = "django.contrib.auth.middleware.AuthenticationMiddleware"
_CORS = "corsheaders.middleware.CorsMiddleware"


@check("E017", looks=Looks.AT_APPS)
def forms_are_protected(project: Project) -> Iterator[Finding]:
    """CsrfViewMiddleware is there when logins by cookie are."""
    middleware = _middleware(project)
    by_cookie = any(_is(project, path, _LOGIN) for path in middleware)
    if not by_cookie or any(_is(project, path, _CSRF) for path in middleware):
        return
    yield Finding(
        "E017",
        f"MIDDLEWARE has no {_CSRF}, and cookies log people in.",
        "A page of any other site can send forms to your views, and they count as your visitor's. Taking it out cures "
        "no 403 of Django REST framework, whose SessionAuthentication runs the check by itself.",
        f'MIDDLEWARE = [\n    …\n    "{_COMMON}",\n    "{_CSRF}",\n    …\n]',
        project.place_of("MIDDLEWARE"),
    )


@check("W018", looks=Looks.AT_APPS)
def cors_comes_early(project: Project) -> Iterator[Finding]:
    """CorsMiddleware stands above CommonMiddleware, and above whatever else answers by itself."""
    middleware = _middleware(project)
    common = next((path for path in middleware if _is(project, path, _COMMON)), None)
    if _CORS not in middleware or common is None or middleware.index(_CORS) < middleware.index(common):
        return
    yield Finding(
        "W018",
        f"MIDDLEWARE has {_CORS} below {common}.",
        "What CommonMiddleware answers (a redirect to the address with a slash, say) goes out without "
        "its headers: the browser says \"blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present\".",
        f'MIDDLEWARE = [\n    "{_CORS}",\n    …\n    "{common}",\n    …\n]',
        project.place_of("MIDDLEWARE", _CORS),
    )


def _middleware(project: Project) -> list[str]:
    return [str(path) for path in getattr(project.settings, "MIDDLEWARE", None) or []]


def _is(project: Project, path: str, kind: str) -> bool:
    """Claim that a middleware is Django's own of this kind, or one that is made from it."""
    found, _ = attempt(lambda: import_string(path), project.folder)
    # By name: Django's own may need an app that this project does without.
    ancestors = inspect.getmro(found) if inspect.isclass(found) else ()
    return path == kind or any(f"{cls.__module__}.{cls.__qualname__}" == kind for cls in ancestors)
