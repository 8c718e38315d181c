"""Why the server closes a socket: the close codes in three bands; used by the socket's edge and the docs."""

from __future__ import annotations

from enum import IntEnum

from teahouse import errors
from teahouse.errors import TeahouseError


class Close(IntEnum):
    """A close code; its band tells a client that does not know it whether to come back."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Close:
        close = int.__new__(cls, code)
        close._value_ = code
        close.meaning = meaning
        return close

    PROTOCOL_ERROR = 4000, "The client broke the protocol."
    VERSION_UNSUPPORTED = 4001, "The server does not speak the version that `hello` names."
    BAD_TOKEN = 4002, "The token is forged, expired, or not for this site."
    NOT_ALLOWED = 4003, "The person has no right to be here."
    BAD_ROOM_NAME = 4004, "The address names no possible room."
    MESSAGE_REFUSED = 4005, "A plain client's message was refused; the reason says why."
    BINARY_FRAME = 4006, "The client sent a binary frame."
    ORIGIN_REFUSED = 4007, "A page of another site opened the socket."
    NO_SUCH_ROOM = 4008, "There is no such room, or none that this person may see."
    OVERLOADED = 4100, "The server has too much to do."
    RATE_LIMITED = 4101, "The client asks too often."
    SLOW = 4102, "The client took nothing of what waits for it."
    NO_PONG = 4103, "Nothing came from the client, not even a `pong`."
    NO_HELLO = 4104, "No `hello` came in time."
    INTERNAL_ERROR = 4105, "Something in the server broke."
    RESTART = 4200, "The server restarts."
    TOKEN_EXPIRED = 4201, "The token expired; come back with a new one."
    RESYNC = 4202, "The server starts this connection anew."
    LOGIN_CHANGED = 4203, "Who you are changed: a logout, another password, an account that was closed."

    @property
    def code(self) -> int:
        """The number that stands in the close frame."""
        return int(self)

    @property
    def reason(self) -> str:
        """The name that stands in the close frame and in the docs."""
        return self.name.lower()

    @property
    def comes_back(self) -> bool:
        """Whether a client should connect again by itself."""
        return self >= 4100


_CLOSES: dict[type[TeahouseError], Close] = {
    errors.NotJSON: Close.PROTOCOL_ERROR,
    errors.BinaryFrame: Close.BINARY_FRAME,
    errors.FrameTooLong: Close.PROTOCOL_ERROR,
    errors.TooDeep: Close.PROTOCOL_ERROR,
    errors.UnknownCommand: Close.PROTOCOL_ERROR,
    errors.BadField: Close.PROTOCOL_ERROR,
    errors.HelloFirst: Close.PROTOCOL_ERROR,
    errors.HelloTwice: Close.PROTOCOL_ERROR,
    errors.VersionUnsupported: Close.VERSION_UNSUPPORTED,
    errors.BadText: Close.MESSAGE_REFUSED,
    errors.MessageEmpty: Close.MESSAGE_REFUSED,
    errors.MessageTooLong: Close.MESSAGE_REFUSED,
    errors.BadName: Close.PROTOCOL_ERROR,
    errors.BadRoomName: Close.BAD_ROOM_NAME,
    errors.BadToken: Close.BAD_TOKEN,
    errors.TokenExpired: Close.TOKEN_EXPIRED,
    errors.BadInvite: Close.NOT_ALLOWED,
    errors.NotAllowed: Close.NOT_ALLOWED,
    errors.Banned: Close.NOT_ALLOWED,
    errors.Muted: Close.MESSAGE_REFUSED,
    errors.RoomLocked: Close.MESSAGE_REFUSED,
    errors.RoomArchived: Close.MESSAGE_REFUSED,
    errors.OriginRefused: Close.ORIGIN_REFUSED,
    errors.NoSuchRoom: Close.NO_SUCH_ROOM,
    errors.OtherRoom: Close.PROTOCOL_ERROR,
    errors.NoSuchPerson: Close.MESSAGE_REFUSED,
    errors.NoSuchMessage: Close.MESSAGE_REFUSED,
    errors.NoSuchReport: Close.MESSAGE_REFUSED,
    errors.KeyConflict: Close.MESSAGE_REFUSED,
    errors.Conflict: Close.MESSAGE_REFUSED,
    errors.RateLimited: Close.RATE_LIMITED,
    errors.Overloaded: Close.OVERLOADED,
    errors.Unavailable: Close.OVERLOADED,
    errors.InternalError: Close.INTERNAL_ERROR,
}


def close_for(error: TeahouseError) -> Close:
    """Return the close code of an error that ends the connection."""
    for kind in type(error).__mro__:
        if kind in _CLOSES:
            return _CLOSES[kind]
    return Close.INTERNAL_ERROR if error.retry else Close.PROTOCOL_ERROR
