"""Stage 1 over real sockets: greeting, answer, leaving, and who is turned away."""

import pytest

from tests.servers.processes import ServerProcess, wait_until
from tests.tutorial.visitors import GREETING, close_code, hear, refusal, send_and_go_on, visit


def test_it_greets_on_entry_and_answers_each_message(server: ServerProcess) -> None:
    with visit(server, "/echo/") as guest:
        assert hear(guest) == GREETING
        for text in ["hello", "你好", "<b>{'type': 'websocket.receive'}</b>"]:
            guest.send(text)
            assert hear(guest) == f"You said: {text}"


def test_leaving_reaches_the_server_with_its_code(server: ServerProcess) -> None:
    with visit(server, "/echo/") as guest:
        hear(guest)
        before = server.log.count("echo: left with 1000")
        guest.close(1000)

    wait_until(lambda: server.log.count("echo: left with 1000") == before + 1, "the server saw the guest leave")


def test_an_empty_message_is_no_message(server: ServerProcess) -> None:
    with visit(server, "/echo/") as guest:
        hear(guest)
        guest.send("")
        guest.send("   ")
        guest.send("tea")

        assert hear(guest) == "You said: tea"


@pytest.mark.parametrize(("frame", "code"), [(b"\x00\xff", 4006), ("x" * 4001, 4005)])
def test_what_is_not_a_message_closes_its_sender_with_a_code(
    server: ServerProcess, frame: str | bytes, code: int
) -> None:
    with visit(server, "/echo/") as guest:
        hear(guest)
        send_and_go_on(guest, frame)

        assert close_code(guest) == code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
@pytest.mark.parametrize("path", ["/echo/", "/list/", "/groups/群聊/"])
def test_a_page_of_another_site_may_not_open_a_socket(server: ServerProcess, path: str, origin: str | None) -> None:
    assert refusal(server, path, origin) == 403
