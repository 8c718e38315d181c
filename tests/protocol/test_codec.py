"""Frames to commands, and events to frames."""

from __future__ import annotations

import json
from typing import Any

import pytest

from teahouse.errors import BadField, BadText, FrameTooLong, NotJSON, TeahouseError, TooDeep
from teahouse.protocol.codec import Limits, decode, encode
from teahouse.protocol.commands import Hello, Ping, Post
from teahouse.protocol.events import Ended

LIMITS = Limits()
POST = {"type": "post", "id": 5, "room": "lobby", "key": "f3c1", "text": "hello"}


def written(**changes: Any) -> str:
    return json.dumps(POST | changes, ensure_ascii=False)


def refusal_of(frame: str | bytes, limits: Limits = LIMITS) -> TeahouseError:
    with pytest.raises(TeahouseError) as refused:
        decode(frame, limits)
    return refused.value


class TestDecoding:
    def test_text_and_bytes_say_the_same(self) -> None:
        command = Post(id=5, room="群聊", key="f3c1", text="hello")

        assert decode(written(room="群聊"), LIMITS) == command
        assert decode(written(room="群聊").encode(), LIMITS) == command

    @pytest.mark.parametrize("space", ["", " ", "\n", "\t\r\n  "])
    def test_white_space_around_does_not_matter(self, space: str) -> None:
        assert decode(space + '{"type": "ping"}' + space, LIMITS) == Ping()

    @pytest.mark.parametrize("text", ["a: b", "::::::::", '{"id":1,"id":2}', "[[[[[[[[[[[[[[[[[[[[", '"\\'])
    def test_a_text_may_look_like_json(self, text: str) -> None:
        command = decode(written(text=text), LIMITS)

        assert isinstance(command, Post)
        assert command.text == text

    def test_the_order_of_fields_does_not_matter(self) -> None:
        backwards = json.dumps(dict(reversed(POST.items())))

        assert decode(backwards, LIMITS) == decode(written(), LIMITS)


class TestLength:
    def test_the_limit_counts_bytes(self) -> None:
        frame = written(text="茶" * 100)
        size = len(frame.encode())

        assert decode(frame, Limits(frame_bytes=size))
        assert isinstance(refusal_of(frame, Limits(frame_bytes=size - 1)), FrameTooLong)
        assert isinstance(refusal_of(frame.encode(), Limits(frame_bytes=size - 1)), FrameTooLong)

    def test_the_error_names_the_limit_and_its_setting(self) -> None:
        error = refusal_of(" " * 65537)

        text = 'the frame has more bytes than 65536, the limit (TEAHOUSE["MAX_FRAME_BYTES"])'
        assert str(error) == text
        assert error.command_id is None


class TestDepth:
    @pytest.mark.parametrize("opened", ["[", '{"a": ', '[{"a": '])
    def test_a_frame_may_be_as_deep_as_the_limit(self, opened: str) -> None:
        closed = "".join({"[": "]", "{": "}"}.get(character, "") for character in reversed(opened))
        nested = opened * (15 // len(closed)) + "1" + closed * (15 // len(closed))

        assert decode(f'{{"type": "ping", "x": {nested}}}', LIMITS) == Ping()
        assert isinstance(refusal_of(f'{{"type": "ping", "x": {opened * 16}1{closed * 16}}}'), TooDeep)

    def test_brackets_in_a_text_do_not_add_to_the_depth(self) -> None:
        deepest = "[" * 15 + '"[[[["' + "]" * 15

        assert decode(f'{{"type": "ping", "x": {deepest}}}', LIMITS) == Ping()
        assert isinstance(refusal_of(f'{{"type": "ping", "x": [{deepest}]}}'), TooDeep)

    def test_ten_thousand_levels_are_an_error_and_no_crash(self) -> None:
        for frame in ("[" * 10_000, "[" * 10_000 + "]" * 10_000, '{"a":' * 10_000, '{"x":"' + "[" * 10_000):
            assert isinstance(refusal_of(frame), TooDeep | NotJSON)

    def test_the_error_names_depth_and_limit(self) -> None:
        error = refusal_of('{"x": ' + "[" * 20 + "]" * 20 + "}")

        assert str(error) == 'the JSON has 21 levels, the limit is 16 (TEAHOUSE["MAX_JSON_DEPTH"])'

    def test_brackets_side_by_side_are_not_deep(self) -> None:
        frame = json.dumps({"type": "ping", "x": [[], {}, [[]]] * 100})

        assert decode(frame, LIMITS) == Ping()


class TestEncodings:
    @pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
    def test_bytes_that_are_not_utf_8_are_refused_in_known_and_unknown_fields(self, broken: bytes) -> None:
        for field in (b"text", b"mood"):
            frame = written().encode()[:-1] + b', "' + field + b'": "' + broken + b'"}'

            assert isinstance(refusal_of(frame), NotJSON)

    def test_utf_16_is_not_utf_8(self) -> None:
        assert isinstance(refusal_of(written().encode("utf-16")), NotJSON)

    @pytest.mark.parametrize("field", ["room", "key", "text", "type", "mood"])
    @pytest.mark.parametrize("escape", [r"\ud83c", r"\udf75", r"\ud83cA", r"\ud83c\ud83c\udf75"])
    def test_half_a_surrogate_pair_is_refused_in_every_field(self, field: str, escape: str) -> None:
        frame = written(**{field: "@"}).replace("@", escape)

        error = refusal_of(frame)

        assert error.code == ("unknown_command" if field == "type" else "bad_text")
        assert error.field == field
        assert error.command_id == 5

    def test_half_a_surrogate_pair_that_nobody_escaped_is_refused(self) -> None:
        error = refusal_of(written(text="\ud83c"))

        assert isinstance(error, BadText)
        assert error.command_id == 5

    def test_a_whole_surrogate_pair_is_one_character(self) -> None:
        command = decode(written(text="@").replace("@", r"\ud83c\udf75"), LIMITS)

        assert isinstance(command, Post)
        assert command.text == "🍵"


class TestRepeatedNames:
    @pytest.mark.parametrize(
        "frame",
        [
            '{"type": "ping", "type": "ping"}',
            '{"type": "ping", "type": "pong"}',
            '{"type": "join", "id": 1, "id": 1, "room": "a"}',
            r'{"type": "join", "id": 1, "\u0069d": 1, "room": "a"}',
            '{"type": "watch", "id": 1, "room": "a", "seq": 1, "seq": 2}',
            '{"type": "join", "id": 1, "room": "a", "x": 1, "x": 2}',
            '{"type": "pong", "rooms": [{"room": "a", "seq": 1, "seq": 2}]}',
            '{"type": "ping", "x": {"y": 1, "y": 1}}',
            '{"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "a", "epoch": null, "epoch": "e"}]}',
            '{"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "a"}, {"room": "a", "room": "b"}]}',
            '{"type": "hello", "id": 1, "version": 1, "rooms": [], "rooms": [{"room": "a", "seq": 1}]}',
        ],
    )
    def test_a_name_that_stands_twice_is_refused(self, frame: str) -> None:
        error = refusal_of(frame)

        assert isinstance(error, NotJSON)
        assert "twice" in str(error)

    def test_the_same_name_in_two_objects_is_right(self) -> None:
        frame = '{"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "a"}, {"room": "a"}]}'

        command = decode(frame, LIMITS)

        assert isinstance(command, Hello)
        assert len(command.rooms) == 2


class TestHistory:
    @pytest.mark.parametrize(("first", "second"), [("before", "after"), ("after", "around"), ("before", "at")])
    def test_a_page_has_one_place(self, first: str, second: str) -> None:
        error = refusal_of(json.dumps({"type": "history", "id": 8, "room": "a", first: 0, second: 0}))

        assert isinstance(error, BadField)
        assert str(error) == f"history has {first} and {second}; send only one of them"
        assert error.field == second
        assert error.command_id == 8


class TestEncoding:
    @pytest.mark.parametrize("text", ["a\nb", "a\r\u0085\x0b\x0c", "\0", "群聊 🍵", "</script>", '"\\'])
    def test_any_text_makes_one_line_that_says_it_again(self, text: str) -> None:
        frame = encode(Ended(room="lobby", code="not_allowed", text=text))

        assert "\n" not in frame
        assert "\r" not in frame
        assert json.loads(frame)["text"] == text

    def test_half_a_surrogate_pair_becomes_the_replacement_character(self) -> None:
        text = "a\ud83cb\udf75c🍵"

        assert json.loads(encode(Ended(room=text, code="c", text="t")))["room"] == "a\ufffdb\ufffdc🍵"
        assert json.loads(encode({text: [text, {"x": (text,)}], "n": [1, None, 2.5, True]})) == {
            "a\ufffdb\ufffdc🍵": ["a\ufffdb\ufffdc🍵", {"x": ["a\ufffdb\ufffdc🍵"]}],
            "n": [1, None, 2.5, True],
        }

    @pytest.mark.parametrize(
        ("number", "said"), [(2**53 - 1, 2**53 - 1), (2**63 - 1, 2**63 - 1), (2**70, 2**70), (float("nan"), None)]
    )
    def test_any_number_can_be_encoded(self, number: float, said: float | None) -> None:
        assert json.loads(encode({"n": number})) == {"n": said}
