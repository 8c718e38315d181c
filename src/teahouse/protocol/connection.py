"""What a connection may say, and when; used by the socket's edge, and ``read`` by the HTTP edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec.structs import replace

from teahouse.errors import (
    BadToken,
    BinaryFrame,
    HelloFirst,
    HelloTwice,
    MessageEmpty,
    OtherRoom,
    TeahouseError,
    VersionUnsupported,
)
from teahouse.protocol.codec import Limits, decode
from teahouse.protocol.commands import (
    COMMANDS,
    Answered,
    Command,
    Edit,
    Entrance,
    Hello,
    Ping,
    Pong,
    Post,
    Refresh,
    RoomCommand,
    Watch,
)
from teahouse.protocol.events import Changes, Reset
from teahouse.protocol.fields import VERSION
from teahouse.protocol.texts import clean_nickname, clean_note, clean_text, room_address, shown

_NOTES = {"reason", "outcome"}
_WITH_MORE = {kind for kind in COMMANDS.values() if {*_NOTES, "title"} & set(kind.__struct_fields__)}


class Connection:
    """A socket that speaks ``teahouse.v1``; ``only_room`` is the address of the one room that it carries."""

    def __init__(self, limits: Limits, only_room: str | None = None) -> None:
        self.limits = limits
        self.only_room = only_room
        self.said_hello = False

    def receive(self, frame: str | bytes) -> Command:
        """Return the command in a frame, fit to be done; raise a TeahouseError with its ``command_id``.

        As ``read`` judges it. ``hello`` comes first and once; only ``ping`` and ``pong`` may come before.
        """
        if isinstance(frame, bytes):
            refusal = f"the frame is binary ({len(frame)} bytes); send JSON in a text frame"
            raise BinaryFrame(refusal)
        command = decode(frame, self.limits)
        if isinstance(command, Ping | Pong):
            return command
        try:
            self._in_turn(command)
            command = _judged(command, self.limits)
            if self.only_room is not None and not isinstance(command, Hello | Refresh):
                self._stay_in_room(command)
        except TeahouseError as error:
            error.command_id = command.id
            raise
        self.said_hello = True
        return command

    def address(self, name: str) -> str:
        """Return the address of a room that may be spoken of here; raise BadRoomName or OtherRoom.

        For the rooms of ``hello``, which are judged one by one so that one does not spoil the others.
        """
        address = room_address(name, self.limits.room_name_length)
        if self.only_room not in (None, address):
            refusal = f"this socket carries only {shown(self.only_room)}; open another for {shown(address)}"
            raise OtherRoom(refusal, field="room")
        return address

    def _stay_in_room(self, command: RoomCommand | Entrance) -> None:
        if isinstance(command, Entrance):
            refusal = f"this socket carries only {shown(self.only_room)}; open another, for all rooms"
            raise OtherRoom(refusal, field="type")
        self.address(command.room)

    def _in_turn(self, command: Answered) -> None:
        if isinstance(command, Hello):
            if self.said_hello:
                raise HelloTwice("hello was said before; it comes once on a socket")
        elif not self.said_hello:
            raise HelloFirst("hello was not said yet; it is the first command on a socket")


class PlainConnection:
    """A socket that asked for no subprotocol: each text frame is a message in its one room."""

    def __init__(self, limits: Limits, room: str, make_key: Callable[[], str]) -> None:
        self.limits = limits
        self.room = room
        self._make_key = make_key

    def receive(self, frame: str | bytes) -> Post | None:
        """Return what a frame posts, None for one without anything to see.

        Raises BinaryFrame, MessageTooLong or BadText, which close the socket.
        """
        if isinstance(frame, bytes):
            refusal = f"the frame is binary ({len(frame)} bytes); send the message in a text frame"
            raise BinaryFrame(refusal)
        try:
            text = clean_text(frame, self.limits.message_length)
        except MessageEmpty:
            return None
        return Post(id=0, room=self.room, key=self._make_key(), text=text)

    @staticmethod
    def texts(event: Changes | Reset, after: int) -> list[str]:
        """Return the texts to show for an event to a client that saw everything up to ``after``, in order.

        What was posted since then, as it stands now; edits and deletions of earlier messages are not shown.
        """
        posted = sorted((row for row in event.messages if row.seq > after), key=lambda row: row.seq)
        return [row.text for row in posted if row.text is not None]


def read(frame: str | bytes, limits: Limits) -> Command:
    """Return the command in a frame, or in the body of an HTTP request, with its texts judged.

    Raises a TeahouseError with its ``command_id``. In the command a nickname is clean, and ``room`` is the
    address; only ``watch`` and the rooms of ``hello`` keep the spelling, the title of a room that they create.
    """
    command = decode(frame, limits)
    if isinstance(command, Ping | Pong):
        return command
    try:
        return _judged(command, limits)
    except TeahouseError as error:
        error.command_id = command.id
        raise


def _judged(command: Answered, limits: Limits) -> Answered:
    if isinstance(command, Hello):
        return _judged_hello(command, limits)
    if isinstance(command, Refresh):
        _judge_token(command.token)
        return command
    if isinstance(command, Post | Edit):
        clean_text(command.text, limits.message_length)
    elif type(command) in _WITH_MORE:
        command = cast("RoomCommand | Entrance", _judged_notes(command, limits))
    if isinstance(command, Entrance):
        return command
    address = room_address(command.room, limits.room_name_length)
    if address == command.room or isinstance(command, Watch):
        return command
    return replace(command, room=address)


def _judged_notes(command: Any, limits: Limits) -> Any:
    """Judge titles and notes, which a few rare commands have."""
    clean: dict[str, str] = {}
    for name in _NOTES & set(command.__struct_fields__):
        clean[name] = clean_note(getattr(command, name), name)
    if getattr(command, "title", None) is not None:
        room_address(command.title, limits.room_name_length)
        clean["title"] = " ".join(command.title.split())
    return replace(command, **clean)


def _judged_hello(hello: Hello, limits: Limits) -> Hello:
    if hello.version != VERSION:
        refusal = f"version {hello.version} is not spoken here; this server speaks {VERSION}"
        raise VersionUnsupported(refusal, field="version")
    if hello.token is not None:
        _judge_token(hello.token)
    if not hello.name:
        return hello
    return replace(hello, name=clean_nickname(hello.name, limits.nickname_length))


def _judge_token(token: str) -> None:
    if not (token.isascii() and token.isprintable()):
        raise BadToken("the token is none of this site's; ask for a new one", field="token")
