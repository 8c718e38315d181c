"""Teahouse's three lines, each left out or put in the wrong place."""

from tests.doctor.workshop import Project

APP = '    "teahouse",\n'
URLS = '    path("chat/", include("teahouse.urls")),\n'
ASGI = "application = with_chat(get_asgi_application())"
OWN_ROUTER = """\
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from teahouse.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("talk/", URLRouter(websocket_urlpatterns))]),
    }
)
"""


def test_without_the_urls_there_are_no_pages_and_sockets_fail(teahouse_project: Project) -> None:
    teahouse_project.replace("web/urls.py", URLS, "")
    assert "teahouse" not in teahouse_project.page("/chat/")
    assert "NoReverseMatch: 'teahouse' is not a registered namespace" in teahouse_project.handshake("/chat/ws/")

    report = teahouse_project.doctor()

    assert report.ids == ["E028"]
    assert f"web/urls.py:{teahouse_project.line_of('web/urls.py', 'urlpatterns')}" in report.part("E028")
    assert URLS.strip().rstrip(",") in report.part("E028")
    teahouse_project.replace("web/urls.py", "urlpatterns = [\n", f"urlpatterns = [\n{URLS}")
    assert teahouse_project.doctor().ids == []


def test_without_with_chat_nothing_is_live(teahouse_project: Project) -> None:
    teahouse_project.replace("web/asgi.py", ASGI, "application = get_asgi_application()")
    said = teahouse_project.handshake("/chat/ws/")
    assert "ValueError: Django can only handle ASGI/HTTP connections, not websocket." in said

    report = teahouse_project.doctor()

    assert report.ids == ["W029"]
    assert f"web/asgi.py:{teahouse_project.line_of('web/asgi.py', 'application =')}" in report.part("W029")
    assert "from teahouse.routing import with_chat" in report.part("W029")
    teahouse_project.replace("web/asgi.py", "application = get_asgi_application()", ASGI)
    assert "websocket.accept" in teahouse_project.handshake("/chat/ws/")
    assert teahouse_project.doctor().ids == []


def test_without_the_app_every_socket_fails(teahouse_project: Project) -> None:
    teahouse_project.replace("web/settings.py", APP, "")
    said = teahouse_project.handshake("/chat/ws/")
    assert "RuntimeError: Model class teahouse.models.Log doesn't declare an explicit app_label" in said

    report = teahouse_project.doctor()

    assert report.ids == ["E032"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'INSTALLED_APPS')}" in report.part("E032")
    assert 'INSTALLED_APPS = ["teahouse", …]' in report.part("E032")
    teahouse_project.replace("web/settings.py", "INSTALLED_APPS = [\n", f"INSTALLED_APPS = [\n{APP}")
    assert teahouse_project.doctor().ids == []


def test_sockets_under_another_prefix_than_the_pages_are_not_found(teahouse_project: Project) -> None:
    teahouse_project.replace("web/asgi.py", f"{ASGI}\n", OWN_ROUTER)
    said = teahouse_project.handshake("/chat/ws/")
    assert "ValueError: No route found for path 'chat/ws/'." in said

    report = teahouse_project.doctor()

    assert report.ids == ["E034"]
    assert f"web/asgi.py:{teahouse_project.line_of('web/asgi.py', 'application = ')}" in report.part("E034")
    assert 'path("chat/", URLRouter(websocket_urlpatterns)),' in report.part("E034")
    teahouse_project.replace("web/asgi.py", 'path("talk/"', 'path("chat/"')
    assert "websocket.accept" in teahouse_project.handshake("/chat/ws/")
    assert teahouse_project.doctor().ids == []
