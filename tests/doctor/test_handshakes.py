"""What stands around the consumers, or is missing there."""

from tests.doctor.workshop import FOREIGN_PAGE, Project

BRANCH = "AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))"


def test_an_application_without_a_branch_for_sockets_fails_each_handshake(channels_project: Project) -> None:
    right = channels_project.folder.joinpath("web/asgi.py").read_text()
    channels_project.write("web/asgi.py", right.partition("from web.routing")[0] + "application = django_application\n")
    said = channels_project.handshake()
    assert "ValueError: Django can only handle ASGI/HTTP connections, not websocket." in said

    report = channels_project.doctor()

    assert report.ids == ["E006"]
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', 'application = django_application')}" in report.text
    assert f'"websocket": {BRANCH}' in report.part("E006")
    channels_project.write("web/asgi.py", right)
    assert channels_project.doctor().ids == []


def test_a_router_without_a_branch_for_sockets_fails_each_handshake(channels_project: Project) -> None:
    branch = f'        "websocket": {BRANCH},\n'
    channels_project.replace("web/asgi.py", branch, "")
    said = channels_project.handshake()
    assert "ValueError: No application configured for scope type 'websocket'" in said

    report = channels_project.doctor()

    assert report.ids == ["E006"]
    assert "No application configured for scope type 'websocket'" in report.part("E006")
    channels_project.replace(
        "web/asgi.py", '        "http": django_application,\n', '        "http": django_application,\n' + branch
    )
    assert channels_project.doctor().ids == []


def test_a_socket_without_a_check_of_the_origin_opens_for_every_page(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", BRANCH, "AuthMiddlewareStack(URLRouter(websocket_urlpatterns))")
    channels_project.replace("talk/consumers.py", ", {await Word.objects.acount()} words", "")
    assert "hello AnonymousUser" in channels_project.handshake("/ws/tea/", FOREIGN_PAGE)

    report = channels_project.doctor()

    assert report.ids == ["W011"]
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', 'AuthMiddlewareStack(URL')}" in report.part("W011")
    assert '"websocket": AllowedHostsOriginValidator(' in report.part("W011")
    channels_project.replace("web/asgi.py", "AuthMiddlewareStack(URLRouter(websocket_urlpatterns))", BRANCH)
    assert "hello" not in channels_project.handshake("/ws/tea/", FOREIGN_PAGE)
    assert channels_project.doctor().ids == []


def test_a_consumer_that_asks_for_a_user_whom_nobody_looks_up_ends(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", BRANCH, "AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))")
    assert "KeyError: 'user'" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["W012"]
    line = channels_project.line_of("talk/consumers.py", "self.scope['user']")
    assert f"talk/consumers.py:{line}" in report.part("W012")
    assert "AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(…)))" in report.part("W012")
    channels_project.replace("web/asgi.py", "AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))", BRANCH)
    assert channels_project.doctor().ids == []


def test_a_middleware_of_the_projects_own_is_believed_to_do_its_work(channels_project: Project) -> None:
    channels_project.replace("web/asgi.py", BRANCH, "Ours(URLRouter(websocket_urlpatterns))")
    channels_project.replace(
        "web/asgi.py",
        "application = ProtocolTypeRouter(",
        "from channels.middleware import BaseMiddleware\n\n\n"
        "class Ours(BaseMiddleware):\n"
        "    async def __call__(self, scope, receive, send):\n"
        "        return await super().__call__({**scope, 'user': 'Ann'}, receive, send)\n\n\n"
        "application = ProtocolTypeRouter(",
    )
    channels_project.replace("talk/consumers.py", ", {await Word.objects.acount()} words", "")
    assert "hello Ann" in channels_project.handshake()

    assert channels_project.doctor().ids == []
