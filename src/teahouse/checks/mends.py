"""What to write about an error that loading a project ended with, as far as the error tells; used by failures.

What was taken away since a tutorial was written stands here, and packages that are not called as their modules are: to
install what a module is called may bring somebody else's package.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from socket import gaierror

from teahouse.checks.sources import dotted, read

_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_NOT_SET = re.compile(r"^Set the (\w+) environment variable|^(\w+) not found\. Declare it as envvar")
_NO_DRIVER = re.compile(r"^Error loading (\w+)")

_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "PIL": "Pillow",
    "allauth": "django-allauth",
    "bs4": "beautifulsoup4",
    "channels_graphql_ws": "django-channels-graphql-ws",
    "configurations": "django-configurations",
    "corsheaders": "django-cors-headers",
    "crispy_forms": "django-crispy-forms",
    "cv2": "opencv-python",
    "debug_toolbar": "django-debug-toolbar",
    "decouple": "python-decouple",
    "django_filters": "django-filter",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "import_export": "django-import-export",
    "jwt": "PyJWT",
    "psycopg": '"psycopg[binary]"',
    "psycopg2": '"psycopg[binary]"',
    "rest_framework": "djangorestframework",
    "rest_framework_simplejwt": "djangorestframework-simplejwt",
    "storages": "django-storages",
    "yaml": "PyYAML",
}
_ASGI = 'from django.core.asgi import get_asgi_application\n\n… "http": get_asgi_application(), …'
_CHANNELS_1 = (
    "# this is written for Channels 1; consumers are classes since Channels 2:\n"
    "# https://channels.readthedocs.io/en/stable/one-to-two.html"
)
_GONE = {
    "channels.asgi": _CHANNELS_1,
    "channels.http": f"{_ASGI}\n# in place of AsgiHandler",
    "channels.Channel": _CHANNELS_1,
    "channels.Group": _CHANNELS_1,
    "channels.include": _CHANNELS_1,
    "channels.route": _CHANNELS_1,
    "channels.route_class": _CHANNELS_1,
    "channels.routing.include": _CHANNELS_1,
    "channels.routing.route": _CHANNELS_1,
    "channels.routing.route_class": _CHANNELS_1,
    "channels.auth.channel_session_user": _CHANNELS_1,
    "channels.auth.channel_session_user_from_http": _CHANNELS_1,
}


def mend_of(error: BaseException, line: str, folder: Path) -> str:
    """Return what to write about an error that came up in a line of the project in ``folder``."""
    said = str(error)
    if isinstance(error, ModuleNotFoundError):
        return _of_module(error.name or "", line, folder)
    if isinstance(error, ImportError) and (wrong := _CANNOT_IMPORT.match(said)):
        return _of_name(wrong[1], wrong[2], line, error.path)
    if unset := _NOT_SET.match(said):
        return _variable(unset[1] or unset[2])
    if isinstance(error, KeyError) and "environ" in line:
        return _variable(str(error.args[0]))
    if driver := _NO_DRIVER.match(said):
        return f"pip install {package_of(driver[1])}"
    if isinstance(error, SyntaxError) and "'utf-8' codec can't decode" in said:
        return "# save this file as UTF-8, or say in its first line what it is in:\n# -*- coding: gbk -*-"
    if isinstance(error, FileNotFoundError):
        return f"# make {error.filename}, or name another in\n{line}"
    if isinstance(error, TimeoutError | gaierror) or type(error).__name__ in {
        "ConnectionError",
        "ConnectionRefusedError",
    }:
        return f"# start what it asks, or ask inside the function that needs it, not while it is imported:\n{line}"
    return f"# mend this line\n{line}"


def package_of(module: str) -> str:
    """Return what to install for a module, by the name that pip knows."""
    top = module.split(".", maxsplit=1)[0]
    return _PACKAGES.get(top, top)


def _variable(name: str) -> str:
    return (
        f"export {name}=…\n# where the server runs, too. It is in a file, .env say? Nobody read that file before this "
        "line:\n# servers import asgi.py, and never manage.py"
    )


def _of_module(missing: str, line: str, folder: Path) -> str:
    top, package, name = missing.split(".", maxsplit=1)[0], *missing.rpartition(".")[::2]
    beside = folder.joinpath(*package.split("."))
    if package and beside.is_dir():
        near = _nearest(name, _modules_in(beside))
        return line.replace(missing, f"{package}.{near}") if near else f"# the right name, in\n{line}"
    if missing == "django.core.urlresolvers":
        return line.replace(missing, "django.urls")
    if package and find_spec(top) is not None:
        return _GONE.get(missing) or f"# {_installed(top)} has no {missing}; what is there instead, in\n{line}"
    install = f"pip install {package_of(missing)}"
    near = _nearest(missing, _modules_in(folder))
    return f"{install}\n# or, if it is yours:\n{line.replace(missing, near)}" if near else install


def _of_name(wrong: str, module: str, line: str, path: str | None) -> str:
    if gone := _GONE.get(f"{module}.{wrong}"):
        return gone
    if f"{module}.{wrong}" == "django.conf.urls.url":
        return re.sub(r"\burl\b", "re_path as url", line.replace(module, "django.urls"))
    right = _nearest(wrong, _names_in(path))
    return line.replace(wrong, right) if right else f"# a name that is in {module}, in\n{line}"


def _installed(module: str) -> str:
    """Return a package with its version, as it is installed."""
    name = next(iter(packages_distributions().get(module, [])), module)
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


def _nearest(wrong: str, names: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(wrong, list(names), n=1)), "")


def _modules_in(folder: Path) -> list[str]:
    files = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    return files + [path.parent.name for path in folder.glob("*/__init__.py")]


def _names_in(path: str | None) -> list[str]:
    """Return the names that a file makes at its top; it is read, not run."""
    source = read(Path(path), "") if path else None
    made = list(source.top_level()) if source else []
    names = [getattr(statement, "name", "") for statement in made]
    targets = [dotted(target) for statement in made for target in getattr(statement, "targets", [])]
    return [name for name in [*names, *targets] if name]
