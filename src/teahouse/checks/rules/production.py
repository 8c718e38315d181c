"""What ``--deploy`` adds: what does no harm on a developer's machine, and does on a server.

Where Django's own ``check --deploy`` knows the answer it is asked, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.checks.security import base, csrf, sessions

from teahouse.checks.findings import Finding, Place
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.start_lines import start_lines
from teahouse.checks.whereabouts import settings_below
from teahouse.settings import settings

_NEW_KEY = (
    'SECRET_KEY = os.environ["SECRET_KEY"]\n# whose value nobody else knows; this makes one:\n# python -c "from '
    'django.core.management.utils import get_random_secret_key as k; print(k())"'
)
_SERVE_STATIC = ("servestatic.middleware.ServeStaticMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware")
_PROXY_FILES = ("nginx*.conf", "*.nginx", "Caddyfile", "traefik*.y*ml", "haproxy*.cfg")


@check("E050", "E051", "E052", looks=Looks.AT_SETTINGS, deploy=True)
def secrets_stay_secret(project: Project) -> Iterator[Finding]:
    """DEBUG is off, the key is one that nobody guesses, and the site answers to its name."""
    if base.check_debug(None):
        yield Finding(
            "E050",
            "DEBUG is on.",
            "Whoever brings about an error is shown code, settings and variables; memory grows with every query.",
            "DEBUG = False" + _settings_of_production(project),
            _place(project, "DEBUG"),
        )
    if base.check_secret_key(None):
        yield Finding(
            "E051",
            f"SECRET_KEY can be guessed: it {_weakness(str(project.settings.SECRET_KEY))}.",
            "Who has it can sign a login, a guest's cookie or a token of anybody.",
            _NEW_KEY,
            _place(project, "SECRET_KEY"),
        )
    if base.check_allowed_hosts(None):
        yield Finding(
            "E052",
            "ALLOWED_HOSTS is empty.",
            'With DEBUG off every request is answered 400: "Invalid HTTP_HOST header: …. You may need to add … to '
            'ALLOWED_HOSTS.", and `manage.py` says "You must set settings.ALLOWED_HOSTS if DEBUG is False."',
            'ALLOWED_HOSTS = ["example.org"]  # the names by which people reach this site',
            _place(project, "ALLOWED_HOSTS"),
        )


@check("W053", looks=Looks.AT_APPS, deploy=True)
def cookies_travel_encrypted(project: Project) -> Iterator[Finding]:
    """Login and CSRF cookies are sent over https only."""
    missing = ["SESSION_COOKIE_SECURE"] if sessions.check_session_cookie_secure(None) else []
    missing += ["CSRF_COOKIE_SECURE"] if csrf.check_csrf_cookie_secure(None) else []
    if missing:
        yield Finding(
            "W053",
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not set.",
            "Browsers send the cookies over plain http too, where anybody on the way reads them and is logged in.",
            f"{' = '.join(missing)} = True",
            _place(project, missing[0]),
        )


@check("W054", looks=Looks.AT_SETTINGS, deploy=True)
def https_is_seen_behind_a_proxy(project: Project) -> Iterator[Finding]:
    """Behind a proxy that ends TLS, Django is told by which header it says so."""
    proxy = _proxy(project)
    if project.settings.SECURE_PROXY_SSL_HEADER or proxy is None or _server_tells(project):
        return
    what, place = proxy
    yield Finding(
        "W054",
        f"{what} names a proxy, and SECURE_PROXY_SSL_HEADER is not set.",
        'Django takes every request for plain http: forms get 403 ("Origin checking failed - https://… does not match '
        'any trusted origins."), links are http, and SECURE_SSL_REDIRECT goes round and round.',
        'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # only where the proxy always sets it',
        place,
    )


@check("W062", looks=Looks.AT_APPS, deploy=True)
def addresses_are_seen_behind_a_proxy(project: Project) -> Iterator[Finding]:
    """Behind a proxy, Teahouse is told whose word on the client's address it may believe."""
    if not apps.is_installed("teahouse") or settings.PROXIES or not settings.LIMITS:
        return
    header = "SECURE_PROXY_SSL_HEADER"
    named = (header, project.place_of(header)) if project.settings.SECURE_PROXY_SSL_HEADER else _proxy(project)
    if named is None:
        return
    what, place = named
    is_site = project.settings_module == "teahouse_site.settings"
    key = "TEAHOUSE_PROXIES" if is_site else 'TEAHOUSE["PROXIES"]'
    yield Finding(
        "W062",
        f"{what} names a proxy, and {key} names none.",
        "Everybody behind it counts as one address: its limits are met by all together, and a guest's ban holds the "
        "cookie only.",
        "TEAHOUSE_PROXIES=127.0.0.1" if is_site else '"PROXIES": ["127.0.0.1"],  # in TEAHOUSE: where it comes from',
        place,
    )


@check("W055", looks=Looks.AT_SETTINGS, deploy=True)
def static_files_are_served(project: Project) -> Iterator[Finding]:
    """Static files have a folder to be collected in, or are served from where they are."""
    host = project.settings
    finders = [getattr(host, f"{name}_USE_FINDERS", False) for name in ("SERVESTATIC", "WHITENOISE")]
    serves = set(_SERVE_STATIC) & set(host.MIDDLEWARE)
    if not project.installed("django.contrib.staticfiles") or host.STATIC_ROOT or (serves and any(finders)):
        return
    yield Finding(
        "W055",
        "STATIC_ROOT is not set, so static files cannot be collected.",
        "With DEBUG off nobody serves them: no style, nothing live, 404 for each; `collectstatic` says \"You're using "
        'the staticfiles app without having set the STATIC_ROOT setting to a filesystem path."',
        f"STATIC_ROOT = {_static_root(host)}\n"
        "# then: python manage.py collectstatic; your web server serves it, or\n"
        f'# MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "{_SERVE_STATIC[0]}", …]',
        _place(project, "STATIC_URL"),
    )


def _settings_of_production(project: Project) -> str:
    """Return how to look at the settings that production seems to have of its own."""
    likely = [name for name in settings_below(project.folder) if name.rpartition(".")[2].startswith(("prod", "deploy"))]
    others = [name for name in likely if name != project.settings_module]
    return f"\n# or, if production has others: teahouse doctor --deploy --settings {others[0]}" if others else ""


def _static_root(host: Any) -> str:
    """Return a folder as these settings can write it, and that is no source of static files itself."""
    sources = [Path(str(folder)).name for folder in getattr(host, "STATICFILES_DIRS", ())]
    name = "staticfiles" if "static" in sources else "static"
    base = getattr(host, "BASE_DIR", None)
    if isinstance(base, str):
        return f'os.path.join(BASE_DIR, "{name}")'
    return f'BASE_DIR / "{name}"' if base else f'Path(__file__).resolve().parent.parent / "{name}"'


def _place(project: Project, setting: str) -> Place | None:
    return project.place_of(setting) or project.settings_place


def _weakness(key: str) -> str:
    if key.startswith(base.SECRET_KEY_INSECURE_PREFIX):
        return f"begins with {base.SECRET_KEY_INSECURE_PREFIX!r}, as startproject made it"
    if len(key) < base.SECRET_KEY_MIN_LENGTH:
        return f"has {len(key)} characters, and needs {base.SECRET_KEY_MIN_LENGTH}"
    return f"has {len(set(key))} different characters, and needs {base.SECRET_KEY_MIN_UNIQUE_CHARACTERS}"


def _proxy(project: Project) -> tuple[str, Place | None] | None:
    """Return what says that there is a proxy, and where it says so."""
    teahouse: Any = getattr(project.settings, "TEAHOUSE", None) or {}
    if project.settings.USE_X_FORWARDED_HOST:
        return "USE_X_FORWARDED_HOST", project.place_of("USE_X_FORWARDED_HOST")
    if teahouse.get("PROXIES"):
        return 'TEAHOUSE["PROXIES"]', project.place_of("TEAHOUSE", "PROXIES")
    files = project.files(*_PROXY_FILES, depth=2)
    return (files[0].name, Place(files[0])) if files else None


def _server_tells(project: Project) -> bool:
    """Claim that the server itself reads X-Forwarded-Proto: uvicorn does for proxies on its own machine, or named.

    So does the ready site, which is uvicorn too.
    """
    if project.settings_module == "teahouse_site.settings":
        return True
    return any(line.server == "uvicorn" and "--no-proxy-headers" not in line.words for line in start_lines(project))
