"""What a command means: the action it asks for, the answer it gets, and all of it at once for the HTTP edge."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from teahouse.chat import log, pages
from teahouse.chat.actions import Action, DeleteMessage, EditMessage, Join, Leave, MarkRead, PostMessage, Result
from teahouse.chat.people import Identity
from teahouse.chat.policy import policy
from teahouse.chat.rooms import enter
from teahouse.chat.states import counted, room_state, uncounted_state
from teahouse.chat.writing import write
from teahouse.errors import NotAllowed, TeahouseError, UnknownCommand
from teahouse.models import Room
from teahouse.protocol import commands as said
from teahouse.protocol.events import Changes, PersonRow, Reset, RoomState, refused_room
from teahouse.settings import settings

WritingCommand = said.Post | said.Edit | said.Delete | said.Join | said.Leave | said.Read

_PAGES_OF_A_ROOM = 5
_PAGES_AT_ONCE = 20
"""Pages of a catch-up in one HTTP answer; the client asks again for more. A hello may name thousands of rooms."""


def welcome(person: Identity) -> dict[str, Any]:
    """Return what ``hello`` is answered besides its rooms."""
    return {
        "version": said.VERSION,
        "me": PersonRow(id=person.uid, name=person.name, kind=person.kind),
        "ping_seconds": settings.PING_SECONDS,
        "limits": {
            "message_length": settings.MAX_MESSAGE_LENGTH,
            "frame_bytes": settings.MAX_FRAME_BYTES,
            "page": settings.PAGE_MESSAGES,
        },
    }


def action_for(command: WritingCommand, person: Identity, room: Room) -> Action:
    """Return the action that a command asks of a room that the person may enter. Asks the policy; raises NotAllowed."""
    if isinstance(command, said.Post | said.Edit) and not policy().can_post(person, room):
        raise NotAllowed("you may read this room, and not write in it", field="room")
    match command:
        case said.Post():
            return PostMessage(room.pk, person, command.key, command.text)
        case said.Edit():
            return EditMessage(room.pk, person, command.seq, command.changed, command.text)
        case said.Delete():
            return DeleteMessage(room.pk, person, command.seq, command.changed)
        case said.Join():
            return Join(room.pk, person)
        case said.Leave():
            return Leave(room.pk, person)
        case said.Read():
            return MarkRead(room.pk, person, command.seq)


def answer_for(room: Room, result: Result) -> dict[str, Any]:
    """Return the fields of the answer, or raise the refusal."""
    if isinstance(result, TeahouseError):
        raise result
    return {"room": room.address, **asdict(result)}


def history(command: said.History, room: Room) -> dict[str, Any]:
    """Return the fields of the answer to ``history``."""
    bounds = {name: getattr(command, name) for name in said.PLACES}
    page = pages.history(room, **bounds, limit=command.limit)
    return {
        "room": room.address,
        "epoch": page.epoch,
        "messages": page.messages,
        "more_before": page.more_before,
        "more_after": page.more_after,
    }


def perform(command: said.Command, person: Identity) -> tuple[dict[str, Any], list[Changes | Reset]]:
    """Do one command at once; return the fields of its answer, and the events of a catch-up. Raises TeahouseError."""
    match command:
        case said.Hello():
            return _hello(command, person)
        case said.Watch():
            room = enter(command.room, person)
            state = room_state(room, person)
            return state.fields(), _missed(command, room, state, _PAGES_OF_A_ROOM)[0]
        case said.History():
            return history(command, enter(command.room, person)), []
        case said.Post() | said.Edit() | said.Delete() | said.Join() | said.Leave() | said.Read():
            room = enter(command.room, person)
            (result,) = write([action_for(command, person, room)])
            return answer_for(room, result), []
    raise UnknownCommand(f"{type(command).__name__.lower()} has no meaning over HTTP", field="type")


def _hello(command: said.Hello, person: Identity) -> tuple[dict[str, Any], list[Changes | Reset]]:
    found: list[tuple[Room, RoomState] | dict[str, Any]] = []
    events: list[Changes | Reset] = []
    left = _PAGES_AT_ONCE
    for position in command.rooms:
        try:
            room = enter(position.room, person)
            state = uncounted_state(room, person)
            missed, read = _missed(position, room, state, min(left, _PAGES_OF_A_ROOM))
        except TeahouseError as error:
            found.append(refused_room(position.room, error))
        else:
            found.append((room, state))
            events.extend(missed)
            left -= read
    states = iter(counted([one for one in found if isinstance(one, tuple)]))
    rooms = [next(states) if isinstance(one, tuple) else one for one in found]
    return {**welcome(person), "rooms": rooms}, events


def _missed(
    position: said.RoomPosition | said.Watch, room: Room, state: RoomState, most: int
) -> tuple[list[Changes | Reset], int]:
    """Return the events of at most so many pages, and how many that were."""
    events: list[Changes | Reset] = []
    epoch, seq = position.epoch, position.seq
    for page in range(most):
        found = log.catch_up(room, epoch, seq)
        if isinstance(found, Reset):
            return [*events, found], page + 1
        events.extend(found)
        if not found:
            return events, page
        seq = found[-1].upto
        if seq >= state.head:
            return events, page + 1
    return events, most
