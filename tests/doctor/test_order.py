"""The order inside asgi.py, which `runserver` forgives and daphne and uvicorn do not."""

import pytest

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter

IMPORT = "from web.routing import websocket_urlpatterns\n"
SET_DEFAULT = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")\n'
SET_UP = "django_application = get_asgi_application()\n"


def test_routing_above_the_set_up_dies_under_uvicorn_and_daphne_and_lives_under_runserver(
    channels_project: Project, start_server: ServerStarter
) -> None:
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, IMPORT + SET_UP)
    # As a shell has it, and not as pytest-django has: no settings named.
    environment = {"DJANGO_SETTINGS_MODULE": "web.settings"}
    folder = channels_project.folder
    for start in (start_server.uvicorn, start_server.daphne):
        with pytest.raises(RuntimeError, match=r"AppRegistryNotReady: Apps aren't loaded yet\."):
            start("web.asgi:application", folder=folder, environment=environment)
    start_server.runserver(folder=folder, environment=environment)

    report = channels_project.doctor()

    assert report.ids == ["E008"]
    said = report.part("E008")
    assert "web.asgi → web.routing → talk.consumers → talk.models is imported above" in said
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', IMPORT.strip())}" in said
    assert f"      {SET_UP}\n      {IMPORT.strip()}" in said
    channels_project.replace("web/asgi.py", IMPORT + SET_UP, SET_UP + IMPORT)
    assert channels_project.doctor().ids == []


def test_asking_for_the_user_model_above_the_set_up_dies_too(channels_project: Project) -> None:
    channels_project.replace(
        "talk/consumers.py",
        "from talk.models import Word\n",
        "from django.contrib.auth import get_user_model\n\nWord = get_user_model()\n",
    )
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, IMPORT + SET_UP)
    assert "AppRegistryNotReady" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E008"]
    assert "web.asgi → web.routing → talk.consumers → get_user_model() is imported above" in report.part("E008")
    channels_project.replace("web/asgi.py", IMPORT + SET_UP, SET_UP + IMPORT)
    assert channels_project.doctor().ids == []


def test_settings_that_are_named_too_late_are_not_configured(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", SET_DEFAULT + SET_UP, SET_UP + SET_DEFAULT)
    assert "ImproperlyConfigured: Requested setting" in channels_project.handshake()
    assert "settings are not configured" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E008"]
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', SET_DEFAULT.strip())}" in report.part("E008")
    assert "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'web.settings')" in report.part("E008")
    channels_project.replace("web/asgi.py", SET_UP + SET_DEFAULT, SET_DEFAULT + SET_UP)
    assert channels_project.doctor().ids == []


def test_an_import_that_leads_to_no_model_may_stand_above(channels_project: Project) -> None:
    """A false alarm would have people shuffle lines that work."""
    channels_project.replace("talk/consumers.py", "from talk.models import Word\n", "")
    channels_project.replace("talk/consumers.py", ", {await Word.objects.acount()} words", "")
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, IMPORT + SET_UP)
    assert "websocket.accept" in channels_project.handshake()

    assert channels_project.doctor().ids == []


def test_the_order_is_seen_in_a_project_whose_settings_do_not_load(channels_project: Project) -> None:
    channels_project.append("web/settings.py", "1 / 0")
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, IMPORT + SET_UP)
    assert "ZeroDivisionError" in channels_project.handshake() + channels_project.manage("check")

    assert channels_project.doctor().ids == ["E008", "E026"]


def test_imports_below_django_setup_stand_right(channels_project: Project) -> None:
    """Before Django had `get_asgi_application()` everybody wrote it so, and it is as good."""
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, f"import django\n\ndjango.setup()\n{IMPORT}{SET_UP}")
    assert "websocket.accept" in channels_project.handshake()
    assert channels_project.doctor().ids == []

    channels_project.replace("web/asgi.py", f"django.setup()\n{IMPORT}", f"{IMPORT}django.setup()\n")
    assert "AppRegistryNotReady" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E008"]
    assert "is imported above django.setup()" in report.part("E008")
    assert f"      django.setup()\n\n      {IMPORT}".rstrip() in report.part("E008")


def test_a_router_in_another_module_is_imported_after_the_set_up_in_asgi(channels_project: Project) -> None:
    router = (channels_project.folder / "web/asgi.py").read_text().replace(SET_DEFAULT, "").replace(IMPORT, "")
    channels_project.write("web/router.py", IMPORT + router)
    lines = f"import os\n\nimport django\n\n{SET_DEFAULT}django.setup()\n\nfrom web.router import application\n"
    channels_project.write("web/asgi.py", lines)
    channels_project.replace("web/settings.py", '"web.asgi.application"', '"web.router.application"')
    assert "websocket.accept" in channels_project.handshake()
    assert channels_project.doctor().ids == []

    channels_project.write("web/asgi.py", lines.replace("django.setup()\n", ""))
    assert "AppRegistryNotReady" in channels_project.handshake()


def test_models_of_another_kind_may_stand_above(channels_project: Project) -> None:
    """Who loads neural networks has modules of that name, too."""
    channels_project.write("talk/nets/models.py", "class Net:\n    layers = 3\n")
    channels_project.write("talk/nets/__init__.py", "")
    lines = "try:\n    from keras.models import load_model\nexcept ImportError:\n    load_model = None\n"
    channels_project.replace(
        "talk/consumers.py", "from talk.models import Word\n", f"from talk.nets.models import Net\n{lines}"
    )
    channels_project.replace("talk/consumers.py", ", {await Word.objects.acount()} words", ", {Net.layers} layers")
    channels_project.replace("web/asgi.py", IMPORT, "")
    channels_project.replace("web/asgi.py", SET_UP, IMPORT + SET_UP)
    assert "3 layers" in channels_project.handshake()

    assert channels_project.doctor().ids == []
