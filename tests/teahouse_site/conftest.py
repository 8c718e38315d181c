"""The ready site's own settings, laid over the tests', so that its pages can be asked without a server."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.contrib import admin
from django.test import Client, override_settings

LAID_OVER = (
    "AUTH_PASSWORD_VALIDATORS", "EVERYBODY_MAKES_ROOMS", "INSTALLED_APPS", "LANGUAGES", "LANGUAGE_CODE",
    "LOGIN_REDIRECT_URL", "LOGOUT_REDIRECT_URL", "MIDDLEWARE", "ROOT_URLCONF", "SERVESTATIC_ALLOW_ALL_ORIGINS",
    "SERVESTATIC_MAX_AGE", "SERVESTATIC_USE_FINDERS", "STATIC_URL", "TEAHOUSE", "TEMPLATES",
)  # fmt: skip


@pytest.fixture(scope="session")
def site_settings(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The settings module as `teahouse serve` at loopback loads it, with a data folder of the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TEAHOUSE_DATA", str(tmp_path_factory.mktemp("site")))
        patched.setenv("TEAHOUSE_BIND", "127.0.0.1")
        module = importlib.import_module("teahouse_site.settings")
        del sys.modules["teahouse_site.settings"]
        return module


@pytest.fixture
def site(site_settings: ModuleType, db: None) -> Iterator[Client]:
    """A browser at the ready site."""
    # The tests' host has apps that the site has not; its admin knows them all the same.
    strange = [model for model in admin.site._registry if model._meta.app_label == "authtoken"]
    held = {model: admin.site._registry.pop(model) for model in strange}
    with override_settings(**{name: getattr(site_settings, name) for name in LAID_OVER}, ALLOWED_HOSTS=["testserver"]):
        yield Client(enforce_csrf_checks=True)
    admin.site._registry.update(held)
