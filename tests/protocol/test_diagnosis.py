"""What the text of an error says about a frame that is no command."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from teahouse.errors import BadField, NotJSON, TeahouseError
from teahouse.protocol.codec import Limits, decode
from teahouse.protocol.commands import COMMANDS, RoomPosition
from teahouse.protocol.diagnosis import WANTED, ambiguity, depth, diagnose

POST = {"type": "post", "id": 5, "room": "lobby", "key": "f3c1", "text": "hello"}


def refusal_of(frame: str) -> TeahouseError:
    with pytest.raises(TeahouseError) as refused:
        decode(frame, Limits())
    return refused.value


def texts_of(**changes: Any) -> str:
    return str(refusal_of(json.dumps(POST | changes)))


class TestDepth:
    @pytest.mark.parametrize(
        ("data", "levels"),
        [
            (b"", 0),
            (b"1", 0),
            (b"[]", 1),
            (b'{"a": [{}]}', 3),
            (b"[[], [[]], []]", 3),
            (b'"[[["', 0),
            (rb'["\"[[[", []]', 2),
            (rb'["\\", [[]]]', 3),
            (b'["[[[', 1),
            (b'["\\', 1),
            (b'["a\nb["', 1),
            (b'"\\\n[[[', 0),
            (b"]]]", 0),
            (b"}{[", 1),
            ("[\u201c[".encode(), 2),
        ],
    )
    def test_only_brackets_outside_strings_count(self, data: bytes, levels: int) -> None:
        assert max(depth(data), 0) == levels


class TestTexts:
    def test_they_name_the_field_the_value_and_the_mend(self) -> None:
        integer = "an integer from 0 to 9007199254740991"
        name = "a string of 1 to 64 characters from A-Z a-z 0-9 _ . : -"

        assert texts_of(id=-1) == f"id is -1; it must be {integer}"
        assert texts_of(id=True) == f"id is true; it must be {integer}"
        assert texts_of(id="5") == f'id is "5"; it must be {integer}'
        assert texts_of(id=10**30) == f"id is 1e+30; it must be {integer}"
        assert texts_of(key="a b") == f'key is "a b"; it must be {name}'
        assert texts_of(key="k" * 100) == f'key is "{"k" * 39}…; it must be {name}'
        assert texts_of(room=None) == "room is null; it must be a string"

    def test_a_message_and_a_token_are_never_shown(self) -> None:
        assert texts_of(text=["secret"]) == "text is of type list; it must be a string"
        assert texts_of(type="hello", version=1, token={"a": "secret"}) == "token is of type dict; it must be a string"

    def test_a_missing_field_says_what_it_must_be(self) -> None:
        frame = json.dumps({name: value for name, value in POST.items() if name != "room"})

        assert str(refusal_of(frame)) == "room is missing; it must be a string"

    def test_a_place_inside_a_list_is_told(self) -> None:
        rooms: list[Any] = [{"room": "a"}, {"room": "b", "seq": -1}]
        assert texts_of(type="hello", version=1, rooms=rooms).startswith("rooms[1].seq is -1; it must be an integer")

        rooms[1] = 5
        wanted = "rooms[1] is 5; it must be an object with room, epoch and seq"
        assert texts_of(type="hello", version=1, rooms=rooms) == wanted

    def test_an_unknown_command_hears_the_known_ones(self) -> None:
        text = texts_of(type="dance")

        assert text.startswith('no command has the type "dance"; it must be one of hello, watch, ')

    def test_what_is_not_an_object_is_shown(self) -> None:
        assert str(refusal_of("[1]")) == "the frame is [1]; it must be one JSON object"

    def test_broken_json_hears_where(self) -> None:
        assert str(refusal_of('{"type": }')).startswith("the frame is not JSON: Expecting value: line 1 column 10")
        assert str(refusal_of('{"id": NaN}')) == "the frame is not JSON: NaN is no JSON"
        assert str(refusal_of('{"id": 1, "id": 2}')) == (
            'the frame is not JSON: one object names "id" twice; name it once'
        )

    def test_what_only_the_decoder_finds_is_told_in_its_words(self) -> None:
        error = diagnose(b'{"type": "ping"}', "JSON is malformed: moon (byte 3)")

        assert isinstance(error, NotJSON)
        assert str(error) == "the frame is not JSON: JSON is malformed: moon (byte 3)"

    def test_every_field_of_every_command_has_a_mend(self) -> None:
        fields = {field for kind in (*COMMANDS.values(), RoomPosition) for field in kind.__struct_fields__}

        assert set(WANTED) == fields | {"type"}


class TestCommandIds:
    @pytest.mark.parametrize("frame", ['{"id": 5}', '{"id": 5, "type": "x"}', '{"id": 5, "type": "post"}'])
    def test_a_valid_id_comes_back(self, frame: str) -> None:
        assert refusal_of(frame).command_id == 5

    @pytest.mark.parametrize("found", ["-1", "true", "1.0", '"5"', "null", "9007199254740992", "[5]", "9" * 5000])
    def test_another_id_does_not(self, found: str) -> None:
        assert refusal_of(f'{{"id": {found}, "type": "post"}}').command_id is None

    def test_an_id_that_stands_twice_does_not(self) -> None:
        assert refusal_of('{"id": 5, "id": 6, "type": "post"}').command_id is None


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=COMMANDS)
def test_every_wrong_value_of_every_field_is_a_bad_field(kind: type[msgspec.Struct]) -> None:
    right = {"type": kind.__struct_config__.tag, "id": 1, "version": 1, "room": "a", "key": "k", "text": "t"}
    right |= {"seq": 1, "changed": 1, "title": "t", "person": "p", "seconds": 1, "code": "c", "invite": 1, "report": 1}
    if "role" in kind.__struct_fields__:
        right["role"] = "member"

    for field in kind.__struct_fields__:
        for wrong in (1.5, True, {}, -1, [None]):
            if wrong is True and field in ("locked", "archived"):
                continue
            error = refusal_of(json.dumps(right | {field: wrong}))

            assert isinstance(error, BadField)
            assert error.field is not None
            assert error.field.split("[")[0] == field
            assert WANTED[field] in str(error) or field == "rooms"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1, "b": {"a": 1}}', None),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", None),
        (b'{"a": 1e999}', None),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": ', "Expecting"),
    ],
)
def test_json_that_readers_take_differently_is_found(data: bytes, said: str | None) -> None:
    found = ambiguity(data)

    assert (found is None) if said is None else (said in str(found))
