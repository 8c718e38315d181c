"""MIDDLEWARE: whether what protects forms is there, and what answers other sites comes early enough."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from teahouse.checks.findings import Finding
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check

_CSRF = "django.middleware.csrf.CsrfViewMiddleware"
_CORS = "corsheaders.middleware.CorsMiddleware"
_SESSION_LOGIN = "rest_framework.authentication.SessionAuthentication"


@check("E017", looks=Looks.AT_APPS)
def forms_are_protected(project: Project) -> Iterator[Finding]:
    """CsrfViewMiddleware is there when logins by cookie are."""
    needs = _needs_csrf(project)
    if not needs or any(_is(project, path, CsrfViewMiddleware) for path in _middleware(project)):
        return
    yield Finding(
        "E017",
        f"MIDDLEWARE has no {_CSRF}, and {needs} trusts a login cookie.",
        "A page of any other site can send forms as your visitor. Taking it out cures no 403 of Django REST framework, "
        "whose SessionAuthentication checks by itself.",
        f'MIDDLEWARE = [\n    …\n    "django.middleware.common.CommonMiddleware",\n    "{_CSRF}",\n    …\n]',
        project.place_of("MIDDLEWARE"),
    )


@check("W018", looks=Looks.AT_APPS)
def cors_comes_early(project: Project) -> Iterator[Finding]:
    """CorsMiddleware stands above CommonMiddleware, and above whatever else answers by itself."""
    middleware = _middleware(project)
    common = next((path for path in middleware if _is(project, path, CommonMiddleware)), None)
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


def _is(project: Project, path: str, kind: type) -> bool:
    """Claim that a middleware is Django's own of this kind, or one that is made from it."""
    found, _ = attempt(lambda: import_string(path), project.folder)
    return inspect.isclass(found) and issubclass(found, kind)


def _needs_csrf(project: Project) -> str:
    """Return what trusts a cookie and relies on the middleware; empty when nothing does."""
    if project.installed("django.contrib.admin"):
        return "the admin"
    rest = getattr(project.settings, "REST_FRAMEWORK", None) or {}
    by_session = _SESSION_LOGIN in rest.get("DEFAULT_AUTHENTICATION_CLASSES", [_SESSION_LOGIN])
    return "SessionAuthentication" if project.installed("rest_framework") and by_session else ""
