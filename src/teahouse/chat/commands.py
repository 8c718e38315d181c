"""What a command means: the action it asks for, the answer it gets, and all of it at once for the HTTP edge."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from teahouse.chat import actions, log, pages
from teahouse.chat.actions import (
    Action,
    AskAgain,
    DeleteMessage,
    EditMessage,
    Join,
    Leave,
    MarkRead,
    PostMessage,
    Result,
)
from teahouse.chat.endings import concerns
from teahouse.chat.hosting import end_of_ban, until
from teahouse.chat.managing import enter_by, manage
from teahouse.chat.people import Identity
from teahouse.chat.rooms import TRIES, ask_to_enter, enter, rights_to, same_person
from teahouse.chat.states import counted, room_state, uncounted_state
from teahouse.chat.writing import write
from teahouse.errors import TeahouseError, UnknownCommand
from teahouse.models import Room
from teahouse.protocol import commands as said
from teahouse.protocol.events import Changes, PersonRow, Reset, RoomState, refused_room
from teahouse.protocol.fields import PLACES, VERSION
from teahouse.settings import settings

WritingCommand = said.Post | said.Edit | said.Delete | said.Join | said.Leave | said.Read | said.Moderating

_NEEDED: dict[type, str] = {
    said.Post: "can_post",
    said.Edit: "can_post",
    said.Join: "can_join",
    **dict.fromkeys((said.Remove, said.Ban, said.Unban, said.Mute, said.Role, said.Configure), "can_moderate"),
}
"""The right that a command needs besides entering the room."""

_PAGES_OF_A_ROOM = 5
_PAGES_AT_ONCE = 20
"""Pages of a catch-up in one HTTP answer; the client asks again for more. A hello may name thousands of rooms."""


def welcome(person: Identity) -> dict[str, Any]:
    """Return what ``hello`` is answered besides its rooms."""
    return {
        "version": VERSION,
        "me": PersonRow(id=person.uid, name=person.name, kind=person.kind),
        "ping_seconds": settings.PING_SECONDS,
        "limits": {
            "message_length": settings.MAX_MESSAGE_LENGTH,
            "frame_bytes": settings.MAX_FRAME_BYTES,
            "page": settings.PAGE_MESSAGES,
        },
    }


def action_for(command: WritingCommand, person: Identity, room: Room) -> Action:
    """Return the action that a command asks of a room.

    Where the host's policy says anything of its own it is asked, which takes queries: whether the person may enter, and
    do this. Otherwise the transaction decides by the tables. Raises NotAllowed, NoSuchRoom, Banned.
    """
    if isinstance(command, said.Leave):  # which everybody may
        return _action(command, person, room.pk)
    by_rank = isinstance(command, said.Delete | said.Moderating)
    rights = rights_to(_NEEDED.get(type(command)), person, room, by_rank=by_rank)
    return _action(command, person, room.pk, rights=rights)


def _action(command: WritingCommand, person: Identity, room_id: int, **rights: Any) -> Action:
    match command:
        case said.Post():
            return PostMessage(room_id, person, command.key, command.text, **rights)
        case said.Edit():
            return EditMessage(room_id, person, command.seq, command.changed, command.text, **rights)
        case said.Delete():
            return DeleteMessage(room_id, person, command.seq, command.changed, **rights)
        case said.Join():
            return Join(room_id, person, **rights)
        case said.Leave():
            return Leave(room_id, person, **rights)
        case said.Read():
            return MarkRead(room_id, person, command.seq, **rights)
        case _:
            return _moderating_action(command, person, room_id, **rights)


def _moderating_action(command: said.Moderating, person: Identity, room_id: int, **rights: Any) -> Action:
    match command:
        case said.Remove():
            return actions.Remove(room_id, person, command.person, command.reason, **rights)
        case said.Ban():
            return actions.Ban(room_id, person, command.person, end_of_ban(command.seconds), command.reason, **rights)
        case said.Unban():
            return actions.Ban(room_id, person, command.person, 0, **rights)
        case said.Mute():
            return actions.Mute(room_id, person, command.person, until(command.seconds), command.reason, **rights)
        case said.Role():
            return actions.SetRole(room_id, person, command.person, command.role, **rights)
        case said.Configure():
            changes = {name: getattr(command, name) for name in ("title", "kind", "locked", "archived", "slow_seconds")}
            return actions.Configure(room_id, person, **changes, **rights)


def answer_for(room: Room, result: Result) -> dict[str, Any]:
    """Return the fields of the answer, or raise the refusal."""
    if isinstance(result, TeahouseError):
        raise result
    return {"room": room.address, **asdict(result)}


def history(command: said.History, room: Room, person: Identity) -> dict[str, Any]:
    """Return the fields of the answer to ``history`` for a person who entered the room. Raises what entering raises."""
    bounds = {name: getattr(command, name) for name in PLACES}
    page = pages.history(room, **bounds, limit=command.limit)
    if page.rights != room.rights:  # perhaps the right ended between the two
        ask_to_enter(room, person)
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
        case said.Hello() | said.Watch() | said.History():
            return _read(command, person)
        case said.Create() | said.Direct() | said.Accept():
            return enter_by(command, person), []
        case said.Unwatch() | said.Refresh() | said.Ping() | said.Pong():
            raise UnknownCommand(f"{type(command).__name__.lower()} has no meaning over HTTP", field="type")
    room = enter(command.room, person)
    if isinstance(command, said.Managing):
        return manage(command, person, room), []
    return answer_for(room, _written(command, person, room)), []


def _read(
    command: said.Hello | said.Watch | said.History, person: Identity
) -> tuple[dict[str, Any], list[Changes | Reset]]:
    """Read what a command asks for. Raises AskAgain when the person's rights changed after the policy was asked."""
    with same_person(person):
        match command:
            case said.Hello():
                return _hello(command, person)
            case said.Watch():
                room = enter(command.room, person)
                state = room_state(room, person)
                return state.fields(), _missed(command, room, person, state, _PAGES_OF_A_ROOM)[0]
            case _:
                return history(command, enter(command.room, person), person), []


def _written(command: WritingCommand, person: Identity, room: Room) -> Result:
    """Write one change; a policy whose answer is out of date by then is asked again."""
    for _ in range(TRIES - 1):
        (result,) = write([action_for(command, person, room)])
        if not isinstance(result, AskAgain):
            return result
    return write([action_for(command, person, room)])[0]


def _hello(command: said.Hello, person: Identity) -> tuple[dict[str, Any], list[Changes | Reset]]:
    found: list[tuple[Room, RoomState] | dict[str, Any]] = []
    events: list[Changes | Reset] = []
    left = _PAGES_AT_ONCE
    for position in command.rooms:
        try:
            room = enter(position.room, person)
            state = uncounted_state(room, person)
            missed, read = _missed(position, room, person, state, min(left, _PAGES_OF_A_ROOM))
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
    position: said.RoomPosition | said.Watch, room: Room, person: Identity, state: RoomState, most: int
) -> tuple[list[Changes | Reset], int]:
    """Return the events of at most so many pages, and how many that were."""
    events: list[Changes | Reset] = []
    epoch, seq = position.epoch, position.seq
    pages_read = 0
    while pages_read < most:
        found = log.catch_up(room, epoch, seq)
        if not found:
            break
        pages_read += 1
        if isinstance(found, Reset):
            events.append(found)
            break
        events.extend(found)
        seq = found[-1].upto
        if seq >= state.head:
            break
    # Who claims to stand further than the log did when they were let in skips what may have ended their right.
    if any(_concerns(event, room, person) for event in events) or (events and (position.seq or 0) > room.log.head):
        ask_to_enter(room, person)
    return events, pages_read


def _concerns(event: Changes | Reset, room: Room, person: Identity) -> bool:
    """Claim that the person's right may have ended in this event, after it was asked."""
    if isinstance(event, Reset):
        return event.rights != room.rights
    return concerns(event.rights, person)
