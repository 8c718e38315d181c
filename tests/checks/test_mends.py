"""Tests of `teahouse.checks.mends`: the line to write about an error, for the ones that people meet."""

from pathlib import Path

import pytest
from django import get_version

from teahouse.checks.mends import mend_of


def error_of(line: str) -> BaseException:
    try:
        exec(line)
    except Exception as error:
        return error
    raise AssertionError(line)


def raised(name: str, text: str) -> BaseException:
    return type(name, (Exception,), {})(text)


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("import environ_of_nobody", "pip install environ_of_nobody"),
        ("import teaproj.nobody", "pip install teaproj"),
        ("from django.conf.urls import url", "from django.urls import re_path as url"),
        ("from django.conf.urls import include, url", "from django.urls import include, re_path as url"),
        ("from django.core.urlresolvers import reverse", "from django.urls import reverse"),
        ("from django.utils.translation import ugettext_lazy", "from django.utils.translation import gettext_lazy"),
    ],
)
def test_a_line_that_cannot_be_imported_is_told_as_it_is_to_be(tmp_path: Path, line: str, mend: str) -> None:
    assert mend_of(error_of(line), line, tmp_path) == mend


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("corsheaders", "django-cors-headers"),
        ("decouple", "python-decouple"),
        ("environ", "django-environ"),
        ("configurations", "django-configurations"),
        ("rest_framework.authtoken", "djangorestframework"),
    ],
)
def test_what_is_to_be_installed_is_the_package_and_not_one_that_is_called_as_the_module(
    tmp_path: Path, module: str, package: str
) -> None:
    error = ModuleNotFoundError(f"No module named {module!r}", name=module.split(".", maxsplit=1)[0])
    assert mend_of(error, f"import {module}", tmp_path) == f"pip install {package}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from channels.http import AsgiHandler", "get_asgi_application()"),
        ("import channels.asgi", "Channels 1"),
        ("from channels import Group", "Channels 1"),
        ("from channels.routing import route", "Channels 1"),
        ("import django.teapot", f"# Django {get_version()} has no django.teapot"),
    ],
)
def test_what_is_installed_is_not_to_be_installed_again(tmp_path: Path, line: str, told: str) -> None:
    mend = mend_of(error_of(line), line, tmp_path)
    assert told in mend
    assert "pip install" not in mend


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("SECRET_KEY"), "KEY = os.environ['SECRET_KEY']"),
        (raised("ImproperlyConfigured", "Set the SECRET_KEY environment variable"), "KEY = env('SECRET_KEY')"),
        (
            raised("UndefinedValueError", "SECRET_KEY not found. Declare it as envvar or …"),
            "KEY = config('SECRET_KEY')",
        ),
    ],
)
def test_a_variable_that_is_not_set_is_to_be_set(tmp_path: Path, error: BaseException, line: str) -> None:
    assert mend_of(error, line, tmp_path).startswith("export SECRET_KEY=…\n")


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (KeyError("a"), "# mend this line\nx"),
        (raised("ImproperlyConfigured", "Error loading MySQLdb module."), "pip install mysqlclient"),
        (raised("ImproperlyConfigured", "Error loading psycopg2 or psycopg module"), 'pip install "psycopg[binary]"'),
        (FileNotFoundError(2, "No such file", "keys.json"), "# make keys.json, or name another in\nx"),
        (ConnectionRefusedError(111, "refused"), "# start what it asks"),
        (raised("ConnectionError", "Error 111 connecting to localhost:6379"), "# start what it asks"),
        (SyntaxError("(unicode error) 'utf-8' codec can't decode byte 0xd5"), "# save this file as UTF-8"),
    ],
)
def test_other_errors_are_told_what_helps(tmp_path: Path, error: BaseException, mend: str) -> None:
    assert mend_of(error, "x", tmp_path).startswith(mend)
