"""The commands over HTTP: what each is answered, and by which status."""

import pytest
from django.db import OperationalError

from teahouse.errors import Overloaded
from teahouse.models import Message, Person, Room
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


def test_hello_makes_a_guest_who_is_known_by_the_token(caller: Caller, tea: Room) -> None:
    answer = caller.say_hello("Ann")
    assert answer["me"]["name"] == "Ann"
    assert caller.ask(type="hello", version=1)["me"] == answer["me"]
    assert "token" not in caller.ask(type="hello", version=1)
    assert not Person.objects.exists()


def test_the_token_also_stands_in_hello(caller: Caller, tea: Room) -> None:
    token = caller.ask(type="hello", version=1, name="Ann")["token"]
    assert caller.ask(type="hello", version=1, token=token)["me"]["name"] == "Ann"


def test_a_post_is_answered_with_its_place_and_a_repeat_says_so(caller: Caller, tea: Room) -> None:
    caller.say_hello()
    said = {"type": "post", "id": 7, "room": "TEA", "key": "k1", "text": "hello"}
    response = caller.send(said)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    first = response.json()["answer"]
    assert (first["type"], first["id"], first["room"], first["seq"], first["repeat"]) == ("ok", 7, "tea", 1, False)
    again = caller.send(said).json()["answer"]
    assert (again["seq"], again["at"], again["repeat"]) == (1, first["at"], True)
    assert Message.objects.count() == 1


def test_hello_brings_what_a_position_misses(caller: Caller, tea: Room) -> None:
    caller.say_hello()
    fresh = caller.send({"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "tea"}, {"room": "none"}]}).json()
    state, missing = fresh["answer"]["rooms"]
    assert (state["room"], state["head"], state["role"], state["can_post"]) == ("tea", 0, None, True)
    assert missing["error"]["code"] == "no_such_room"
    assert [event["type"] for event in fresh["events"]] == ["reset"]
    caller.ask(type="post", room="tea", key="k1", text="hello")
    position = {"room": "tea", "epoch": state["epoch"], "seq": 0}
    polled = caller.send({"type": "hello", "id": 2, "version": 1, "rooms": [position]}).json()
    (event,) = polled["events"]
    assert (event["type"], event["after"], event["upto"]) == ("changes", 0, 1)
    assert event["messages"][0]["text"] == "hello"


def test_edit_delete_join_leave_and_history_work_as_on_the_socket(caller: Caller, tea: Room) -> None:
    caller.say_hello()
    caller.ask(type="post", room="tea", key="k1", text="hello")
    assert caller.ask(type="edit", room="tea", seq=1, changed=1, text="hello!")["changed"] == 2
    stale = caller.send({"type": "edit", "id": 5, "room": "tea", "seq": 1, "changed": 1, "text": "no"})
    assert stale.status_code == 409
    assert stale.json()["answer"]["message"]["text"] == "hello!"
    assert caller.ask(type="history", room="tea")["messages"][0]["text"] == "hello!"
    assert len(caller.ask(type="history", room="tea", at=0)["messages"]) == 1
    assert caller.ask(type="history", room="tea", at=2**53 - 1, limit=1)["messages"] == []
    assert caller.ask(type="delete", room="tea", seq=1, changed=2)["changed"] == 3
    assert caller.ask(type="join", room="tea")["role"] == "member"
    assert caller.ask(type="leave", room="tea")["role"] is None
    assert "text" not in caller.ask(type="history", room="tea")["messages"][0]


@pytest.mark.parametrize(
    ("command", "status", "code"),
    [
        ({"type": "post", "id": 4, "room": "none", "key": "k", "text": "x"}, 404, "no_such_room"),
        ({"type": "post", "id": 4, "room": "a/b", "key": "k", "text": "x"}, 400, "bad_room_name"),
        ({"type": "post", "id": 4, "room": "tea", "key": "k", "text": "x" * 4001}, 413, "message_too_long"),
        ({"type": "post", "id": 4, "room": "tea", "key": "k", "text": "a\0"}, 400, "bad_text"),
        ({"type": "post", "id": 4, "room": "tea", "key": "k", "text": "\ud800"}, 400, None),
        ({"type": "post", "id": 4, "room": "tea", "key": "a b", "text": "x"}, 400, "bad_field"),
        ({"type": "post", "id": 4, "room": "tea", "key": "k"}, 400, "bad_field"),
        ({"type": "edit", "id": 4, "room": "tea", "seq": 99, "changed": 99, "text": "x"}, 404, "no_such_message"),
        ({"type": "hello", "id": 4, "version": 2}, 400, "version_unsupported"),
        ({"type": "hello", "id": 4, "version": 1, "token": "forged"}, 401, "bad_token"),
        ({"type": "unwatch", "id": 4, "room": "tea"}, 400, "unknown_command"),
        ({"type": "dance", "id": 4}, 400, "unknown_command"),
    ],
)
def test_a_refusal_has_its_code_its_status_and_the_commands_id(
    caller: Caller, tea: Room, command: dict[str, object], status: int, code: str | None
) -> None:
    caller.say_hello()
    response = caller.send(command)
    answer = response.json()["answer"]
    assert (response.status_code, answer["type"]) == (status, "error")
    assert code in (None, answer["code"])
    if code:
        assert answer["id"] == 4
    assert not Message.objects.exists()
    assert response.json()["events"] == []


@pytest.mark.parametrize("kind", ["ping", "pong"])
def test_ping_and_pong_have_no_meaning_here(caller: Caller, kind: str) -> None:
    caller.say_hello()
    response = caller.send({"type": kind})
    assert response.status_code == 400
    assert response.json()["answer"]["code"] == "unknown_command"


def test_who_is_nobody_says_hello_first(caller: Caller, tea: Room) -> None:
    response = caller.send({"type": "post", "id": 3, "room": "tea", "key": "k", "text": "x"})
    assert response.status_code == 400
    assert response.json()["answer"]["code"] == "hello_first"
    assert response.json()["answer"]["id"] == 3
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"[]", b"7", b'"x"', b"{", b"{}", b"\xff\xfe", b"\x00", b"not json", b'{"type":7,"id":1}',
        b'{"type":"post","id":-1}', b'{"type":"post","id":1e400}', b"[" * 10_000, b'{"a":' * 5_000,
        b'{"type":"hello","id":1,"version":1,"rooms":7}', b'{"type":"hello","id":1,"version":1,"rooms":[{"room":7}]}',
        b'{"type":"history","id":1,"room":"tea","before":1,"after":2}', b'{"type":"watch","id":1,"room":"\\ud800"}',
    ],
)  # fmt: skip
def test_no_body_breaks_the_server(caller: Caller, tea: Room, body: bytes) -> None:
    caller.say_hello()
    response = caller.send(body)
    assert 400 <= response.status_code < 500
    assert response.json()["answer"]["type"] == "error"


def test_a_body_past_the_limit_is_refused(caller: Caller, tea: Room) -> None:
    caller.say_hello()
    for length in (64 * 1024 + 1, 5 * 1024 * 1024):
        response = caller.send(b"x" * length)
        assert response.status_code == 413
        assert response.json()["answer"]["code"] == "frame_too_long"


def test_only_a_post_is_a_command(caller: Caller, tea: Room) -> None:
    assert caller.client.get("/api/v1/").status_code == 405


def test_a_busy_server_says_when_to_come_back(caller: Caller, tea: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    caller.say_hello()

    def overloaded(*_: object) -> None:
        raise Overloaded("the queue is full", retry_after=1.5)

    monkeypatch.setattr("teahouse.api.views.perform", overloaded)
    response = caller.send({"type": "post", "id": 1, "room": "tea", "key": "k", "text": "x"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert response.json()["answer"]["retry_after"] == 1.5


def test_a_database_that_is_gone_is_a_temporary_refusal(
    caller: Caller, tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.say_hello()

    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("teahouse.api.views.perform", gone)
    response = caller.send({"type": "history", "id": 6, "room": "tea"})
    assert response.status_code == 503
    answer = response.json()["answer"]
    assert (answer["code"], answer["retry"], answer["id"]) == ("unavailable", True, 6)


def test_a_broken_command_is_an_answer_too_and_stands_in_the_log_without_its_text(
    caller: Caller, tea: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caller.say_hello()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("teahouse.api.views.perform", broken)
    response = caller.send({"type": "post", "id": 6, "room": "tea", "key": "k", "text": "a secret"})
    assert response.status_code == 500
    assert response.json()["answer"]["code"] == "internal_error"
    assert "a bug" in caplog.text
    assert "a secret" not in caplog.text


def test_hello_without_a_name_gets_a_made_up_one(caller: Caller, tea: Room) -> None:
    assert caller.ask(type="hello", version=1)["me"]["name"].startswith("Guest ")
