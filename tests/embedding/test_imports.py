"""What a host imports before Django is set up: in `asgi.py`, in settings, in a process without any."""

import os
import subprocess
import sys

import pytest

from tests.servers.asgi import ROOT


def run_bare(script: str) -> str:
    """What a script prints in a process that knows no settings; raises when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module",
    ["teahouse", "teahouse.routing", "teahouse.consumers", "teahouse.settings", "teahouse.errors", "teahouse.origins"],
)
def test_a_module_is_imported_without_settings(module: str) -> None:
    assert run_bare(f"import {module}; from django.conf import settings; print(settings.configured)") == "False\n"


def test_an_application_is_wrapped_before_django_is_set_up() -> None:
    script = (
        "from teahouse.routing import with_chat, websocket_urlpatterns\n"
        "from channels.routing import ProtocolTypeRouter, URLRouter\n"
        "with_chat(ProtocolTypeRouter({'http': print, 'websocket': URLRouter(websocket_urlpatterns)}))\n"
        "from django.apps import apps; print(apps.ready)"
    )
    assert run_bare(script) == "False\n"
