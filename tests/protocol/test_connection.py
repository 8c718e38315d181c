"""What may be said on a socket, and when."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from teahouse.errors import (
    BadField,
    BadName,
    BadRoomName,
    BadText,
    BadToken,
    BinaryFrame,
    HelloFirst,
    HelloTwice,
    MessageEmpty,
    MessageTooLong,
    OtherRoom,
    TeahouseError,
    VersionUnsupported,
)
from teahouse.protocol.codec import Limits
from teahouse.protocol.commands import Edit, Hello, Join, Ping, Pong, Post, Watch
from teahouse.protocol.connection import Connection, PlainConnection, read
from teahouse.protocol.events import Changes, MessageRow, PersonRow, Reset

ANN = PersonRow(id="g1", name="Ann", kind="guest")


def frame(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, "id": 5, **fields}, ensure_ascii=False)


def post(**changes: Any) -> str:
    return frame("post", **{"room": "lobby", "key": "f3c1", "text": "hello"} | changes)


@pytest.fixture
def connection() -> Connection:
    greeted = Connection(Limits())
    greeted.receive(frame("hello", version=1))
    return greeted


class TestHello:
    def test_it_comes_first(self) -> None:
        connection = Connection(Limits())

        with pytest.raises(HelloFirst) as refused:
            connection.receive(post())

        assert refused.value.command_id == 5
        assert not connection.said_hello

    def test_it_comes_once(self, connection: Connection) -> None:
        with pytest.raises(HelloTwice) as refused:
            connection.receive(frame("hello", version=1))

        assert refused.value.command_id == 5
        assert connection.said_hello

    def test_before_it_what_is_wrong_with_a_message_does_not_matter(self) -> None:
        with pytest.raises(HelloFirst):
            Connection(Limits()).receive(post(text="\0", room="/"))

    def test_ping_and_pong_need_none_and_are_none(self) -> None:
        connection = Connection(Limits(), only_room="lobby")

        assert connection.receive('{"type": "ping"}') == Ping()
        assert connection.receive('{"type": "pong"}') == Pong()
        assert not connection.said_hello

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"version": 2}, VersionUnsupported),
            ({"version": 0}, VersionUnsupported),
            ({"version": -1}, BadField),
            ({"version": 1, "name": " "}, BadName),
            ({"version": 1, "name": "A\nB"}, BadName),
            ({"version": 1, "token": ""}, None),
            ({"version": 1, "token": "é"}, BadToken),
            ({"version": 1, "token": "a\n"}, BadToken),
        ],
    )
    def test_after_a_refused_one_another_may_come(
        self, fields: dict[str, Any], refusal: type[TeahouseError] | None
    ) -> None:
        connection = Connection(Limits())
        if refusal is not None:
            with pytest.raises(refusal) as refused:
                connection.receive(frame("hello", **fields))
            assert refused.value.command_id == 5
            assert not connection.said_hello

        connection.receive(frame("hello", version=1))

        assert connection.said_hello

    def test_a_nickname_comes_out_clean(self) -> None:
        hello = Connection(Limits()).receive(frame("hello", version=1, name="  Ａnn "))

        assert isinstance(hello, Hello)
        assert hello.name == "Ann"

    @pytest.mark.parametrize("name", ["", None])
    def test_no_nickname_is_no_error(self, name: str | None) -> None:
        assert Connection(Limits()).receive(frame("hello", version=1, name=name))

    def test_one_bad_room_does_not_spoil_the_others(self) -> None:
        rooms = [{"room": "Lobby"}, {"room": "a/b"}, {"room": "x" * 10_000}, {"room": "tea"}]
        connection = Connection(Limits(), only_room="lobby")

        hello = connection.receive(frame("hello", version=1, rooms=rooms))

        assert isinstance(hello, Hello)
        assert connection.address(hello.rooms[0].room) == "lobby"
        for position, refusal in zip(hello.rooms[1:], (BadRoomName, BadRoomName, OtherRoom), strict=True):
            with pytest.raises(refusal):
                connection.address(position.room)


class TestTexts:
    @pytest.mark.parametrize("kind", ["post", "edit"])
    @pytest.mark.parametrize(
        ("text", "refusal"),
        [("", MessageEmpty), (" \n", MessageEmpty), ("a" * 4001, MessageTooLong), ("a\0", BadText)],
    )
    def test_a_bad_text_never_comes_through(
        self, connection: Connection, kind: str, text: str, refusal: type[TeahouseError]
    ) -> None:
        fields = {"room": "lobby", "text": text, "key": "k", "seq": 1, "changed": 1}

        with pytest.raises(refusal) as refused:
            connection.receive(frame(kind, **fields))

        assert refused.value.command_id == 5
        assert refused.value.field == "text"

    def test_a_good_text_comes_through_as_it_is(self, connection: Connection) -> None:
        edit = connection.receive(frame("edit", room="lobby", seq=1, changed=1, text="  a\n "))

        assert edit == Edit(id=5, room="lobby", seq=1, changed=1, text="  a\n ")

    def test_the_limit_is_that_of_the_connection(self) -> None:
        connection = Connection(Limits(message_length=3))
        connection.receive(frame("hello", version=1))

        with pytest.raises(MessageTooLong):
            connection.receive(post(text="four"))


class TestRooms:
    @pytest.mark.parametrize("name", ["", "a/b", "..", "a\0b", "x" * 10_000])
    @pytest.mark.parametrize("kind", ["watch", "unwatch", "join", "leave", "history"])
    def test_a_bad_name_never_comes_through(self, connection: Connection, kind: str, name: str) -> None:
        with pytest.raises(BadRoomName) as refused:
            connection.receive(frame(kind, room=name))

        assert refused.value.command_id == 5

    def test_a_room_comes_through_as_its_address(self, connection: Connection) -> None:
        assert connection.receive(frame("join", room=" Ｔea  & CAKE")) == Join(id=5, room="tea & cake")

    def test_a_watched_room_keeps_its_spelling_for_the_title(self, connection: Connection) -> None:
        assert connection.receive(frame("watch", room="Tea & Cake")) == Watch(id=5, room="Tea & Cake")

    @pytest.mark.parametrize("kind", ["watch", "unwatch", "join", "leave", "history"])
    def test_a_socket_for_one_room_speaks_of_no_other(self, kind: str) -> None:
        connection = Connection(Limits(), only_room="lobby")
        connection.receive(frame("hello", version=1))

        assert connection.receive(frame(kind, room="LOBBY"))
        with pytest.raises(OtherRoom, match='this socket carries only "lobby"; open another for "tea"') as refused:
            connection.receive(frame(kind, room="tea"))
        assert refused.value.command_id == 5


class TestBinaryFrames:
    @pytest.mark.parametrize("data", [b"", b"hello", b'{"type": "ping"}', b"\xff" * 100_000])
    def test_they_are_refused_and_the_connection_goes_on(self, connection: Connection, data: bytes) -> None:
        with pytest.raises(BinaryFrame, match=f"{len(data)} bytes"):
            connection.receive(data)

        assert connection.receive(post())


class TestReading:
    def test_it_needs_no_hello_and_judges_the_same(self) -> None:
        assert read(post(room="LOBBY").encode(), Limits()) == Post(id=5, room="lobby", key="f3c1", text="hello")
        with pytest.raises(BadText) as refused:
            read(post(text="a\0"), Limits())
        assert refused.value.command_id == 5

    def test_it_reads_hello_ping_and_pong(self) -> None:
        assert isinstance(read(frame("hello", version=1), Limits()), Hello)
        assert read('{"type": "ping"}', Limits()) == Ping()
        assert read('{"type": "pong"}', Limits()) == Pong()


class TestPlainConnections:
    @pytest.fixture
    def plain(self) -> PlainConnection:
        numbers = count(1)
        return PlainConnection(Limits(), "lobby", make_key=lambda: f"key{next(numbers)}")

    def test_a_frame_is_a_message_with_a_key_of_its_own(self, plain: PlainConnection) -> None:
        assert plain.receive("hello") == Post(id=0, room="lobby", key="key1", text="hello")
        assert plain.receive('{"type": "ping"}') == Post(id=0, room="lobby", key="key2", text='{"type": "ping"}')

    @pytest.mark.parametrize("nothing", ["", " ", "\r\n"])
    def test_an_empty_frame_is_no_message_and_takes_no_key(self, plain: PlainConnection, nothing: str) -> None:
        assert plain.receive(nothing) is None

        said = plain.receive("hello")

        assert said is not None
        assert said.key == "key1"

    @pytest.mark.parametrize(
        ("data", "refusal"),
        [(b"hello", BinaryFrame), (b"", BinaryFrame), ("a" * 4001, MessageTooLong), ("a\0", BadText)],
    )
    def test_a_bad_frame_is_refused(
        self, plain: PlainConnection, data: str | bytes, refusal: type[TeahouseError]
    ) -> None:
        with pytest.raises(refusal):
            plain.receive(data)


class TestTextsForPlainClients:
    @staticmethod
    def row(seq: int, text: str | None = None, changed: int | None = None) -> MessageRow:
        return MessageRow(seq=seq, changed=changed or seq, at=0, author=ANN, key="k", text=text, deleted=text is None)

    def changes(self, *rows: MessageRow) -> Changes:
        return Changes(room="lobby", epoch="e", after=0, upto=20, messages=list(rows))

    def test_new_messages_are_shown_once_and_in_order(self) -> None:
        plain = PlainConnection(Limits(), "lobby", make_key=str)
        event = self.changes(self.row(12, "third"), self.row(10, "first"), self.row(11, "second"))

        assert plain.texts(event, after=9) == ["first", "second", "third"]
        assert plain.texts(event, after=11) == ["third"]
        assert plain.texts(event, after=12) == []

    def test_edits_and_deletions_of_old_messages_are_not_shown(self) -> None:
        plain = PlainConnection(Limits(), "lobby", make_key=str)
        event = self.changes(self.row(3, "edited", changed=11), self.row(4, changed=12), self.row(10, "new"))

        assert plain.texts(event, after=9) == ["new"]

    def test_a_message_deleted_before_it_was_shown_never_is(self) -> None:
        plain = PlainConnection(Limits(), "lobby", make_key=str)

        assert plain.texts(self.changes(self.row(10), self.row(11, "new")), after=9) == ["new"]

    def test_a_reset_shows_its_page_from_the_place_on(self) -> None:
        plain = PlainConnection(Limits(), "lobby", make_key=str)
        page = [self.row(8, "old"), self.row(10, "new")]
        event = Reset(room="lobby", epoch="e", upto=10, reason="behind", messages=page, more=True)

        assert plain.texts(event, after=9) == ["new"]
