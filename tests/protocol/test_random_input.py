"""Whatever is thrown at a connection comes out as a command or as an error with a stable code, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from teahouse.errors import BadText, TeahouseError, all_errors
from teahouse.protocol.closes import Close, close_for
from teahouse.protocol.codec import Limits, encode
from teahouse.protocol.commands import COMMANDS, Command, Entrance, Hello, Ping, Pong, Post, Refresh
from teahouse.protocol.connection import Connection, PlainConnection
from teahouse.protocol.events import error_answer, refused_room
from teahouse.protocol.texts import room_address

LIMITS = Limits(frame_bytes=2000, message_length=20)
CODES = {error.code for error in all_errors()}

any_text = st.text(st.characters(exclude_categories=()))
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=10,
)
# Words that bring the search near what matters.
near_json = st.text(st.sampled_from('{}[]":,\\/ \n\0u0dD8eE+-.19tfn') | st.characters(exclude_categories=()))

number = st.integers(0, 2**53 - 1)
name = st.sampled_from(["lobby", "Lobby", "群聊", "tea & cake", "a/b", "..", ""]) | any_text
position = st.fixed_dictionaries({"room": name}, optional={"epoch": st.just("e1"), "seq": number})
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "id": number,
    "version": st.sampled_from([1, 1, 1, 2]),
    "token": any_text,
    "name": any_text,
    "rooms": st.lists(position, max_size=4),
    "room": name,
    "epoch": st.just("e1"),
    "key": st.from_regex(r"\A[A-Za-z0-9_.:-]{1,64}\Z"),
    "text": any_text,
    "seq": number,
    "changed": number,
    "before": number,
    "after": number,
    "around": number,
    "at": number,
    "limit": st.integers(1, 100),
    "title": name,
    "kind": st.sampled_from(["open", "private"]),
    "person": st.from_regex(r"\A[A-Za-z0-9_.:-]{1,32}\Z"),
    "role": st.sampled_from(["owner", "moderator", "member"]),
    "seconds": st.integers(0, 3600),
    "slow_seconds": st.integers(0, 86400),
    "uses": st.integers(1, 10),
    "reason": st.text(st.characters(exclude_categories=()), max_size=30),
    "outcome": st.text(st.characters(exclude_categories=()), max_size=30),
    "code": st.text(max_size=30),
    "locked": st.booleans(),
    "archived": st.booleans(),
    "invite": number,
    "report": number,
}


def fields_of(kind: type[Command]) -> st.SearchStrategy[dict[str, Any]]:
    names = kind.__struct_fields__
    required = names[: len(names) - len(kind.__struct_defaults__)]
    return st.fixed_dictionaries(
        {"type": st.just(kind.__struct_config__.tag)} | {name: FIELDS[name] for name in required},
        optional={name: FIELDS[name] for name in names if name not in required},
    )


valid = st.sampled_from(list(COMMANDS.values())).flatmap(fields_of)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid command with one field taken away, made wrong, or added."""
    command = draw(valid)
    field = draw(st.sampled_from([*command, "mood"]))
    if draw(st.booleans()):
        return {name: value for name, value in command.items() if name != field}
    return command | {field: draw(any_json)}


@st.composite
def cut(draw: st.DrawFn) -> str:
    """The text of a command with a piece replaced by something else."""
    text = json.dumps(draw(valid), ensure_ascii=draw(st.booleans()))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return text[:start] + draw(near_json) + text[end:]


said = st.builds(json.dumps, valid | mutated() | any_json, ensure_ascii=st.booleans())
frames = said | cut() | near_json | any_text | st.binary()


def refusal_of(act: Callable[[], object]) -> TeahouseError | None:
    """Do something, and return the error that it raises; any other exception fails the test."""
    try:
        act()
    except TeahouseError as error:
        return error
    return None


def check_refusal(error: TeahouseError) -> None:
    """An error can be answered, and can close the socket."""
    answer = json.loads(encode(error_answer(error.command_id, error)))
    assert answer["code"] in CODES
    assert answer["text"]
    assert answer["retry"] is False
    assert answer["id"] is None or 0 <= answer["id"] < 2**53
    assert isinstance(close_for(error), Close)


def check_command(command: Command, connection: Connection) -> None:
    """Whatever comes through can be stored, and said again."""
    assert msgspec.json.decode(msgspec.json.encode(command), type=type(command)) == command
    if isinstance(command, Post):
        assert command.text.strip()
        assert len(command.text) <= LIMITS.message_length
        assert "\0" not in command.text
    if isinstance(command, Hello):
        for row in command.rooms:
            error = refusal_of(partial(connection.address, row.room))
            assert error is None or json.loads(encode(refused_room(row.room, error)))["error"]["text"]
    elif not isinstance(command, Ping | Pong | Entrance | Refresh):
        assert connection.only_room in (None, room_address(command.room, LIMITS.room_name_length))


@given(st.lists(frames, max_size=6), st.booleans(), st.sampled_from([None, "lobby"]))
@example(['{"type": "hello", "id": 1, "version": 1}', '{"type":"ping","x":"\\ud800"}', "[" * 1999], False, None)
@example(["9" * 1999, '{"id":' + "9" * 1900 + "}", '{"id":1e999,"type":"post"}', "-", "Infinity"], True, None)
def test_only_commands_and_errors_come_out(thrown: list[str | bytes], said_hello: bool, only_room: str | None) -> None:
    connection = Connection(LIMITS, only_room)
    connection.said_hello = said_hello

    for frame in thrown:
        received: list[Command] = []
        before = connection.said_hello
        error = refusal_of(lambda: received.append(connection.receive(frame)))  # noqa: B023 (called at once)
        if error is not None:
            check_refusal(error)
            assert connection.said_hello == before
        for command in received:
            check_command(command, connection)
            assert connection.said_hello == (before or isinstance(command, Hello))


@given(frames)
def test_after_any_frame_the_connection_still_understands(frame: str | bytes) -> None:
    connection = Connection(LIMITS)
    connection.said_hello = True

    refusal_of(partial(connection.receive, frame))

    assert connection.receive('{"type": "post", "id": 1, "room": "lobby", "key": "k", "text": "hello"}')


@given(valid)
def test_a_valid_command_is_refused_for_what_it_says_only(command: dict[str, Any]) -> None:
    connection = Connection(LIMITS)
    connection.said_hello = command["type"] != "hello"
    of_texts = {"bad_text", "message_empty", "message_too_long", "bad_room_name", "bad_name", "bad_token"}
    of_values = {"version_unsupported", "frame_too_long"}
    of_two_places = {"bad_field"} if command["type"] == "history" else set()

    error = refusal_of(partial(connection.receive, json.dumps(command)))

    assert error is None or error.code in of_texts | of_values | of_two_places
    assert error is None or error.command_id in (command.get("id"), None)


@given(any_text | st.binary())
def test_a_plain_client_posts_or_is_refused(frame: str | bytes) -> None:
    plain = PlainConnection(LIMITS, "lobby", make_key=lambda: "k")
    posted: list[Post | None] = []

    error = refusal_of(lambda: posted.append(plain.receive(frame)))

    assert error is None or error.code in {"binary_frame", "message_too_long", "bad_text"}
    assert posted in ([], [None], [Post(id=0, room="lobby", key="k", text=str(frame))])


@settings(max_examples=40)
@given(st.dictionaries(any_text, any_json))
def test_whatever_an_error_carries_can_be_encoded(details: dict[str, Any]) -> None:
    error = BadText("no", **{f"x{name}": value for name, value in details.items()})

    assert "\n" not in encode(error_answer(1, error))
