"""Socket routes that never match, match too much, or lead to a class."""

import pytest

from tests.doctor.workshop import Project

ROUTE = r're_path(r"^ws/(?P<group>[a-z]+)/$", TalkConsumer.as_asgi()),'


def test_a_pattern_that_begins_with_a_slash_matches_nothing(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", 'r"^ws/', 'r"^/ws/')
    assert "ValueError: No route found for path 'ws/tea/'." in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E009"]
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', 're_path(')}" in report.part("E009")
    assert ROUTE in report.part("E009")

    channels_project.replace("web/routing.py", 'r"^/ws/', 'r"^ws/')
    assert channels_project.doctor().ids == []


def test_a_pattern_without_an_end_matches_inside_other_addresses(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", 'r"^ws/(?P<group>[a-z]+)/$"', 'r"ws/(?P<group>[a-z]+)/"')
    assert "websocket.accept" in channels_project.handshake("/evil/ws/tea/tail")

    report = channels_project.doctor()

    assert report.ids == ["W010"]
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', 're_path(')}" in report.part("W010")
    assert ROUTE in report.part("W010")
    assert report.status == 0
    assert channels_project.doctor("--fail-level", "warning").status == 1

    channels_project.replace("web/routing.py", 'r"ws/(?P<group>[a-z]+)/"', 'r"^ws/(?P<group>[a-z]+)/$"')
    assert channels_project.doctor().ids == []


def test_a_class_where_as_asgi_was_forgotten_fails_at_each_handshake(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", "TalkConsumer.as_asgi()", "TalkConsumer")
    assert "TypeError: object TalkConsumer can't be used in 'await' expression" in channels_project.handshake()

    report = channels_project.doctor()

    assert "E007" in report.ids
    assert ROUTE in report.part("E007")
    assert report.status == 1

    channels_project.replace("web/routing.py", "TalkConsumer)", "TalkConsumer.as_asgi())")
    assert channels_project.doctor().ids == []


def test_a_path_that_begins_with_a_slash_matches_nothing_either(channels_project: Project) -> None:
    right, wrong = 'path("ws/<str:group>/", ', 'path("/ws/<str:group>/", '
    channels_project.replace("web/routing.py", r're_path(r"^ws/(?P<group>[a-z]+)/$", ', wrong)
    channels_project.replace("web/routing.py", "import re_path", "import path")
    assert "ValueError: No route found for path 'ws/tea/'." in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E009"]
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', wrong)}" in report.part("E009")
    assert f"{right}TalkConsumer.as_asgi())," in report.part("E009")
    channels_project.replace("web/routing.py", wrong, right)
    assert channels_project.doctor().ids == []


def test_a_pattern_with_both_mistakes_is_told_one_line_without_either(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", 'r"^ws/(?P<group>[a-z]+)/$"', 'r"^/ws/(?P<group>[a-z]+)/"')
    assert "No route found for path 'ws/tea/'." in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E009", "W010"]
    assert ROUTE in report.part("W010")


@pytest.mark.parametrize("pattern", ["", ".*", "^", "^ws/.*", "^ws/(?P<rest>.*)"])
def test_a_pattern_for_whatever_comes_is_meant_so(channels_project: Project, pattern: str) -> None:
    """The last one says that there is nothing, to every other address."""
    channels_project.replace("web/routing.py", "\n]\n", f'\n    re_path(r"{pattern}", TalkConsumer.as_asgi()),\n]\n')
    assert "websocket.accept" in channels_project.handshake("/ws/no such tea")

    assert channels_project.doctor().ids == []


def test_a_class_that_stands_in_the_place_of_a_router_is_told_too(channels_project: Project) -> None:
    router = "URLRouter(websocket_urlpatterns)"
    channels_project.replace("web/asgi.py", f"AuthMiddlewareStack({router})", "AuthMiddlewareStack(TalkConsumer)")
    channels_project.replace(
        "web/asgi.py", "from web.routing import websocket_urlpatterns", "from talk.consumers import TalkConsumer"
    )
    assert "TypeError: object TalkConsumer can't be used in 'await' expression" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E007"]
    assert f"web/asgi.py:{channels_project.line_of('web/asgi.py', '(TalkConsumer)')}" in report.part("E007")
    assert "TalkConsumer.as_asgi()" in report.part("E007")
    channels_project.replace("web/asgi.py", "(TalkConsumer)", "(TalkConsumer.as_asgi())")
    assert channels_project.doctor().ids == []


def test_a_regular_expression_in_path_matches_nothing(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", "re_path(r", "path(r")
    channels_project.replace("web/routing.py", "import re_path", "import path, re_path")
    assert "ValueError: No route found for path 'ws/tea/'." in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E065"]
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', 'path(r')}" in report.part("E065")
    assert ROUTE.partition("Talk")[0] in report.part("E065")
    channels_project.replace("web/routing.py", "    path(r", "    re_path(r")
    assert channels_project.doctor().ids == []
