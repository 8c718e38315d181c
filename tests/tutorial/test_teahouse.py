"""Stage 4 over real sockets: Teahouse takes a plain client as the stages before did, and forgets nothing."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.processes import ServerProcess
from tests.tutorial.visitors import close_code, hear, refusal, send_and_go_on, visit

ADDRESSES = ["ws", "room"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_text_frame_in_is_a_message_and_one_frame_out_to_everyone(server: ServerProcess, address: str) -> None:
    room = f"/{address}/群聊/"
    with visit(server, room) as ann, visit(server, room) as bob:
        assert ann.subprotocol is None
        for text in ["喝茶吗", "<b>好</b>"]:
            ann.send(text)
            assert hear(ann) == hear(bob) == text
        bob.send("来")
        assert hear(ann) == hear(bob) == "来"


def test_both_addresses_are_one_room_and_other_rooms_are_others(server: ServerProcess) -> None:
    with (
        visit(server, "/ws/Admin/") as ann,
        visit(server, "/room/admin/") as bob,
        visit(server, "/ws/tea & cake/") as eve,
    ):
        ann.send("one room")
        assert hear(ann) == hear(bob) == "one room"
        eve.send("another room")
        assert hear(eve) == "another room"


def test_who_comes_later_hears_what_is_said_from_then_on(server: ServerProcess) -> None:
    with visit(server, "/ws/later/") as ann:
        ann.send("before")
        assert hear(ann) == "before"
        with visit(server, "/ws/later/") as bob:
            ann.send("after")
            assert hear(bob) == "after"


@pytest.mark.parametrize(("frame", "code"), [(b"\x00\xff", 4006), ("x" * 4001, 4005)])
def test_what_is_not_a_message_closes_its_sender_and_harms_nobody(
    server: ServerProcess, frame: str | bytes, code: int
) -> None:
    with visit(server, "/ws/harm/") as ann, visit(server, "/ws/harm/") as mallory:
        send_and_go_on(mallory, frame)
        assert close_code(mallory) == code
        ann.send("unharmed")
        assert hear(ann) == "unharmed"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_site_may_not_open_a_socket(server: ServerProcess, address: str, origin: str) -> None:
    assert refusal(server, f"/{address}/admin/", origin) == 403


def test_a_program_that_is_no_browser_may_come_in(server: ServerProcess) -> None:
    with visit(server, "/ws/admin/", origin=None) as program:
        program.send("from a terminal")
        assert hear(program) == "from a terminal"


def test_two_processes_are_one_room_without_any_redis(shared_server: Callable[[str], ServerProcess]) -> None:
    with visit(shared_server("daphne"), "/ws/two/") as ann, visit(shared_server("uvicorn"), "/ws/two/") as bob:
        ann.send("across")
        assert hear(ann) == hear(bob) == "across"


def test_what_was_said_is_there_after_the_server_was_killed(serve_tutorial: Callable[..., ServerProcess]) -> None:
    server = serve_tutorial("daphne")
    with visit(server, "/ws/kept/") as ann:
        ann.send("remember this")
        assert hear(ann) == "remember this"

        server.kill()

    server.start()
    assert "remember this" in httpx.get(server.url + "/room/kept/", trust_env=False).text
