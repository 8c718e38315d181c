"""Applications as Channels 2 had them: no branch for pages, and layers that take the scope alone."""

import httpx
import pytest

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter

PAGES = '        "http": django_application,\n'
OLD_LAYER = """
class Token:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, scope):
        return self.inner(scope)
"""
BY_HAND = """
async def application(scope, receive, send):
    if scope["type"] == "http":
        await django_application(scope, receive, send)
    else:
        await sockets(scope, receive, send)
"""
NEW_CALL = """\
    async def __call__(self, scope, receive, send):
        return await self.inner(scope, receive, send)
"""


def test_without_a_branch_for_pages_each_is_answered_500(
    channels_project: Project, start_server: ServerStarter
) -> None:
    channels_project.replace("web/asgi.py", PAGES, "")
    server = start_server.daphne(
        "web.asgi:application",
        folder=channels_project.folder,
        environment={"DJANGO_SETTINGS_MODULE": "web.settings"},
    )
    assert httpx.get(server.url, trust_env=False).status_code == 500
    assert "ValueError: No application configured for scope type 'http'" in server.log

    report = channels_project.doctor()

    assert report.ids == ["W064"]
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', 'AllowedHostsOriginValidator(Auth')}" in report.part(
        "W064"
    )
    assert '"http": get_asgi_application(),' in report.part("W064")
    channels_project.replace("web/asgi.py", '        "websocket"', f'{PAGES}        "websocket"')
    assert channels_project.doctor().ids == []


def test_a_function_may_send_pages_on_their_way_before_the_router(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", PAGES, "")
    channels_project.replace("web/asgi.py", "application = ProtocolTypeRouter", "sockets = ProtocolTypeRouter")
    channels_project.append("web/asgi.py", BY_HAND)
    assert "websocket.accept" in channels_project.handshake()

    assert channels_project.doctor().ids == []


def test_where_another_server_has_the_pages_the_sockets_may_stand_alone(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", PAGES, "")
    channels_project.write("start.sh", "gunicorn web.wsgi:application --workers 2\ndaphne web.asgi:application\n")

    assert channels_project.doctor().ids == []


def test_a_layer_that_takes_the_scope_alone_fails_at_each_handshake(channels_project: Project) -> None:
    channels_project.write("web/token.py", OLD_LAYER)
    line = "from web.routing import websocket_urlpatterns"
    channels_project.replace("web/asgi.py", line, f"from web.token import Token\n{line}")
    channels_project.replace("web/asgi.py", "AuthMiddlewareStack(URL", "AuthMiddlewareStack(Token(URL")
    channels_project.replace("web/asgi.py", "urlpatterns)))", "urlpatterns))))")
    assert "TypeError: Token.__call__() takes 2 positional arguments but 4 were given" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E063"]
    assert f"web/token.py:{channels_project.line_of('web/token.py', '__call__')}" in report.part("E063")
    assert "Token.__call__() takes 2 positional arguments but 4 were given" in report.part("E063")
    for part in NEW_CALL.splitlines():
        assert part.strip() in report.part("E063")
    channels_project.write("web/token.py", OLD_LAYER.partition("    def __call__")[0] + NEW_CALL)
    assert "websocket.accept" in channels_project.handshake()
    assert channels_project.doctor().ids == []


@pytest.mark.parametrize("arguments", ["self, *arguments", "self, scope, receive, send", "self, scope, *rest"])
def test_a_layer_that_takes_all_three_in_whatever_way_is_right(channels_project: Project, arguments: str) -> None:
    passed = arguments.removeprefix("self, ")
    call = f"    async def __call__({arguments}):\n        return await self.inner({passed})\n"
    channels_project.write("web/token.py", OLD_LAYER.partition("    def __call__")[0] + call)
    line = "from web.routing import websocket_urlpatterns"
    channels_project.replace("web/asgi.py", line, f"from web.token import Token\n{line}")
    channels_project.replace("web/asgi.py", "AuthMiddlewareStack(URL", "AuthMiddlewareStack(Token(URL")
    channels_project.replace("web/asgi.py", "urlpatterns)))", "urlpatterns))))")
    assert "websocket.accept" in channels_project.handshake()

    assert channels_project.doctor().ids == []
