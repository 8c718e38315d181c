"""Every error that Teahouse tells a client or a host, with its stable code; used by all other modules."""

from __future__ import annotations

from typing import Any, ClassVar


class TeahouseError(Exception):
    """A refusal with a stable ``code``; ``str(error)`` says what is wrong, the value, the limit and the mend.

    ``retry`` claims that the same request can succeed later, ``retry_after`` (seconds) says when. ``field`` names the
    part of a command that is wrong. ``details`` holds further members of the answer, such as the message of a conflict.
    ``command_id`` is the command that it answers, when that is known.
    """

    code: ClassVar[str]
    retry: ClassVar[bool] = False
    http_status: ClassVar[int] = 400
    command_id: int | None = None

    def __init__(
        self, text: str, *, field: str | None = None, retry_after: float | None = None, **details: Any
    ) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.retry_after = retry_after
        self.details = details


class ProtocolError(TeahouseError):
    """What the client said cannot be understood."""


class NotJSON(ProtocolError):
    """The frame is not a JSON object in UTF-8."""

    code = "not_json"


class BinaryFrame(ProtocolError):
    """The frame is binary; the protocol speaks text."""

    code = "binary_frame"


class FrameTooLong(ProtocolError):
    """The frame has more bytes than the limit."""

    code = "frame_too_long"
    http_status = 413


class TooDeep(ProtocolError):
    """The JSON is nested deeper than the limit."""

    code = "too_deep"


class UnknownCommand(ProtocolError):
    """No command has this type, or it has no meaning on this transport."""

    code = "unknown_command"


class BadField(ProtocolError):
    """A field is missing, of the wrong type or out of range."""

    code = "bad_field"


class HelloFirst(ProtocolError):
    """A command came before hello."""

    code = "hello_first"


class HelloTwice(ProtocolError):
    """A second hello came on one socket."""

    code = "hello_twice"


class VersionUnsupported(ProtocolError):
    """This server does not speak the version asked for."""

    code = "version_unsupported"


class BadText(TeahouseError):
    """The text holds what no database and no wire can carry: NUL or a lone surrogate."""

    code = "bad_text"


class MessageEmpty(TeahouseError):
    """The message has nothing but white space."""

    code = "message_empty"


class MessageTooLong(TeahouseError):
    """The message has more characters than the limit."""

    code = "message_too_long"
    http_status = 413


class BadName(TeahouseError):
    """A nickname that is empty, too long, or holds control characters."""

    code = "bad_name"


class BadRoomName(TeahouseError):
    """A room name that is empty, too long, or cannot stand in an address."""

    code = "bad_room_name"


class BadToken(TeahouseError):
    """The token is forged, expired, or not for this site."""

    code = "bad_token"
    http_status = 401


class TokenExpired(TeahouseError):
    """The token was good, and its time is over; show a new one."""

    code = "token_expired"
    http_status = 401


class BadInvite(TeahouseError):
    """The invitation is none, or expired, used up or taken back."""

    code = "bad_invite"
    http_status = 404


class NotAllowed(TeahouseError):
    """The person has no right to do this."""

    code = "not_allowed"
    http_status = 403


class Banned(TeahouseError):
    """The person is banned from the room."""

    code = "banned"
    http_status = 403


class Muted(TeahouseError):
    """The person may read the room and for a time not write in it."""

    code = "muted"
    http_status = 403


class RoomLocked(TeahouseError):
    """The room is locked: nobody posts."""

    code = "room_locked"
    http_status = 403


class RoomArchived(TeahouseError):
    """The room is archived: it can be read, and nothing in it changes."""

    code = "room_archived"
    http_status = 403


class OriginRefused(TeahouseError):
    """A page of another site opened the socket."""

    code = "origin_refused"
    http_status = 403


class NoSuchRoom(TeahouseError):
    """There is no such room, or none that this person may see."""

    code = "no_such_room"
    http_status = 404


class OtherRoom(TeahouseError):
    """The socket carries one room only, and the command names another."""

    code = "other_room"


class NoSuchPerson(TeahouseError):
    """There is no such person, or none that has to do with this room."""

    code = "no_such_person"
    http_status = 404


class NoSuchMessage(TeahouseError):
    """There is no such message in this room."""

    code = "no_such_message"
    http_status = 404


class NoSuchReport(TeahouseError):
    """No such report waits in this room."""

    code = "no_such_report"
    http_status = 404


class KeyConflict(TeahouseError):
    """The key was used before, with another text."""

    code = "key_conflict"
    http_status = 409


class Conflict(TeahouseError):
    """The message changed since the version that the client saw; ``message`` is how it stands now."""

    code = "conflict"
    http_status = 409


class RateLimited(TeahouseError):
    """The person or the address does this too often; ``retry_after`` says when it works again."""

    code = "rate_limited"
    retry = True
    http_status = 429


class Overloaded(TeahouseError):
    """The server's queue is full."""

    code = "overloaded"
    retry = True
    http_status = 503


class Unavailable(TeahouseError):
    """The database did not take the change: it is busy, full or gone."""

    code = "unavailable"
    retry = True
    http_status = 503


def database_away() -> Unavailable:
    """Return what is said while the database does not answer, wherever somebody waits for it."""
    return Unavailable("the database does not answer at the moment; send it again", retry_after=1.0)


class InternalError(TeahouseError):
    """Something in the server broke; the log has the details."""

    code = "internal_error"
    http_status = 500


def all_errors() -> list[type[TeahouseError]]:
    """Return every error that has a code, in the order of this module."""
    return [cls for cls in _subclasses(TeahouseError) if "code" in cls.__dict__]


def _subclasses(cls: type[TeahouseError]) -> list[type[TeahouseError]]:
    return [found for child in cls.__subclasses__() for found in (child, *_subclasses(child))]
