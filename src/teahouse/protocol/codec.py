"""Frames to commands and events to frames; the one place that knows JSON, used by all edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from teahouse.errors import BadField, FrameTooLong, NotJSON, TooDeep
from teahouse.protocol.commands import COMMANDS, Command, Hello, History
from teahouse.protocol.diagnosis import ambiguity, depth, diagnose
from teahouse.protocol.fields import PLACES


@dataclass(frozen=True)
class Limits:
    """How much a client may say: a frame in bytes, texts in characters."""

    frame_bytes: int = 65536
    json_depth: int = 16
    message_length: int = 4000
    room_name_length: int = 80
    nickname_length: int = 40


_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_encoder = msgspec.json.Encoder()

# How many members an object of each kind has at least: its ``type`` and the fields without a default.
_MEMBERS = {kind: 1 + len(kind.__struct_fields__) - len(kind.__struct_defaults__) for kind in COMMANDS.values()}


def decode(frame: str | bytes, limits: Limits) -> Command:
    """Return the command in a frame, or raise a TeahouseError with the ``command_id`` that could be read.

    Bytes are UTF-8, as in the body of an HTTP request. Texts are not judged here: see ``connection.read``.
    """
    data = _within(frame, limits.frame_bytes)
    _refuse_depth(data, limits.json_depth)
    try:
        command = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as found:
        raise diagnose(data, str(found)) from None
    # With no more colons than members that must be there, none can stand there twice.
    if data.count(b":") > _members(command) and (refusal := ambiguity(data)):
        raise refusal
    if type(command) is History:
        _refuse_two_places(command)
    return command


def _members(command: Command) -> int:
    """Return how many members there must be at least in what was understood as this command."""
    members = _MEMBERS[type(command)]
    if isinstance(command, Hello) and command.rooms:  # the longest one, and thousands come at once after a restart
        members += 1 + sum(1 + (place.epoch is not None) + (place.seq is not None) for place in command.rooms)
    return members


def encode(event: msgspec.Struct | dict[str, Any]) -> str:
    """Return an event or an answer as one line of JSON.

    Half a surrogate pair, which no UTF-8 can hold, becomes U+FFFD.
    """
    try:
        return _encoder.encode(event).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(msgspec.to_builtins(event))).decode()


def _within(frame: str | bytes, max_bytes: int) -> bytes:
    # A text has never fewer bytes than characters, so what is far too long need not be encoded.
    if len(frame) <= max_bytes:
        data = _utf8(frame)
        if len(data) <= max_bytes:
            return data
    raise FrameTooLong(f'the frame has more bytes than {max_bytes}, the limit (TEAHOUSE["MAX_FRAME_BYTES"])')


def _utf8(frame: str | bytes) -> bytes:
    if isinstance(frame, str):
        return frame.encode(errors="surrogatepass")
    try:
        # The decoder looks only at the fields that it knows.
        frame.decode()
    except UnicodeDecodeError as error:
        refusal = f"the frame is not UTF-8: {error.reason} at byte {error.start}"
        raise NotJSON(refusal) from None
    return frame


def _refuse_depth(data: bytes, max_depth: int) -> None:
    # Brackets in texts count too here, which is rare; only then is it worth looking where they stand.
    if data.count(b"[") + data.count(b"{") > max_depth and (levels := depth(data)) > max_depth:
        raise TooDeep(f'the JSON has {levels} levels, the limit is {max_depth} (TEAHOUSE["MAX_JSON_DEPTH"])')


def _refuse_two_places(command: History) -> None:
    places = [name for name in PLACES if getattr(command, name) is not None]
    if len(places) > 1:
        error = BadField(f"history has {' and '.join(places)}; send only one of them", field=places[1])
        error.command_id = command.id
        raise error


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_encodable(name): _encodable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(member) for member in value]
    return value
