"""The golden examples, which the tests of the JavaScript client read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from teahouse.errors import ProtocolError, TeahouseError, all_errors
from teahouse.protocol.codec import Limits, encode
from teahouse.protocol.commands import COMMANDS
from teahouse.protocol.connection import Connection
from teahouse.protocol.events import Event, RoomState, error_answer, ok, refused_room

EXAMPLES = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("golden/*.json")}
EVENTS = {str(kind.__struct_config__.tag): kind for kind in get_args(Event)}
ERRORS = {error.code: error for error in all_errors()}

# What no JSON file can hold, or only a very long one; test_connection.py and test_codec.py have them.
NOT_IN_A_FILE = {"binary_frame", "frame_too_long"}


def named(prefix: str) -> list[Any]:
    return [pytest.param(EXAMPLES[name], id=name) for name in sorted(EXAMPLES) if name.startswith(prefix)]


def text_of(frame: Any) -> str:
    return frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)


def connection_for(example: dict[str, Any]) -> Connection:
    connection = Connection(Limits(), example.get("only_room"))
    is_hello = isinstance(example["frame"], dict) and example["frame"].get("type") == "hello"
    connection.said_hello = example.get("said_hello", not is_hello)
    return connection


def error_of(said: dict[str, Any]) -> TeahouseError:
    standard = ("type", "id", "code", "text", "retry", "field", "retry_after")
    details = {name: member for name, member in said.items() if name not in standard}
    return ERRORS[said["code"]](said["text"], field=said.get("field"), retry_after=said.get("retry_after"), **details)


@pytest.mark.parametrize("example", named("command_"))
def test_a_command_is_understood_as_the_example_says(example: dict[str, Any]) -> None:
    command = connection_for(example).receive(text_of(example["frame"]))

    assert msgspec.to_builtins(command) == example["expect"]["command"]


@pytest.mark.parametrize("example", named("refused_"))
def test_a_bad_frame_is_refused_as_the_example_says(example: dict[str, Any]) -> None:
    with pytest.raises(TeahouseError) as refused:
        connection_for(example).receive(text_of(example["frame"]))

    said = json.loads(encode(error_answer(refused.value.command_id, refused.value)))
    assert said.pop("type") == "error"
    assert said.pop("text")
    assert said == example["expect"]["error"]


@pytest.mark.parametrize("example", named("event_"))
def test_an_event_is_written_as_the_example_says(example: dict[str, Any]) -> None:
    frame = example["frame"]

    event = msgspec.convert(frame, EVENTS[frame["type"]])

    assert json.loads(encode(event)) == frame


@pytest.mark.parametrize("example", named("answer_"))
def test_an_answer_is_written_as_the_example_says(example: dict[str, Any]) -> None:
    frame = example["frame"]

    if frame["type"] == "error":
        answer = error_answer(frame["id"], error_of(frame))
    else:
        answer = ok(frame["id"], **{name: frame[name] for name in frame if name not in ("type", "id")})

    assert json.loads(encode(answer)) == frame


def test_a_room_is_written_as_the_answers_of_hello_and_watch_say() -> None:
    watch = EXAMPLES["answer_watch"]["frame"]
    lobby, refused, tea = EXAMPLES["answer_hello"]["frame"]["rooms"]

    assert ok(watch["id"], **msgspec.convert(watch, RoomState).fields()) == watch
    assert msgspec.convert(lobby, RoomState).fields() == lobby
    assert refused_room(refused["room"], error_of(refused["error"])) == refused
    assert json.loads(encode(msgspec.convert(tea, RoomState))) == tea


def test_every_command_has_an_example() -> None:
    shown = {example["expect"]["command"]["type"] for name, example in EXAMPLES.items() if "command_" in name}

    assert shown == set(COMMANDS)


def test_every_event_has_an_example() -> None:
    shown = {example["frame"]["type"] for name, example in EXAMPLES.items() if name.startswith("event_")}

    assert shown == set(EVENTS)


def test_every_error_has_an_example_of_its_answer() -> None:
    answers = [example["frame"] for name, example in EXAMPLES.items() if name.startswith("answer_")]

    assert {answer["code"] for answer in answers if answer["type"] == "error"} == set(ERRORS)


def test_every_way_to_break_the_protocol_has_an_example() -> None:
    shown = {example["expect"]["error"]["code"] for name, example in EXAMPLES.items() if "refused_" in name}
    of_the_protocol = {error.code for error in all_errors() if issubclass(error, ProtocolError)}

    assert of_the_protocol - shown == NOT_IN_A_FILE


def test_the_examples_are_what_their_names_and_the_readme_say() -> None:
    direction = {"command": "client", "refused": "client", "answer": "server", "event": "server"}

    for name, example in EXAMPLES.items():
        assert example["direction"] == direction[name.split("_")[0]], name
        assert set(example) <= {"name", "direction", "frame", "expect", "said_hello", "only_room"}, name
