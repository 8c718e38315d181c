"""Enters a person into the rooms that a client names, many at once where that may be; used by sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from teahouse.chat.entering import Entered, Entering, enter_together
from teahouse.chat.making import address_of
from teahouse.chat.people import Identity
from teahouse.chat.policy import has_own_policy, leaves_writing_to_the_tables
from teahouse.chat.rooms import enter
from teahouse.chat.states import counted, room_state, uncounted_state
from teahouse.errors import TeahouseError, Unavailable
from teahouse.live.process import Live
from teahouse.models import Room
from teahouse.protocol.commands import RoomPosition
from teahouse.protocol.events import RoomState

SHARED_ROOMS = 20
"""Who asks for more rooms than this is read alone, and keeps nobody waiting."""

HELLO_PATIENCE = 1.0
"""A hello waits so many seconds for a host's policy; the client asks again for a room whose answer did not come."""

Found = tuple[Room, RoomState] | TeahouseError
"""A room with how the person finds it, or why not."""


async def enter_all(
    live: Live, person: Identity, address: Callable[[str], str], positions: Sequence[RoomPosition]
) -> list[Found]:
    """Enter each room by itself, in order, so that one that is refused does not spoil the others.

    While the policy is the default one, everybody who comes at this moment is entered by the same two queries.
    ``address`` judges a room's name. Raises Unavailable when the database does not answer.
    """
    judged = [_judged(address, position.room) for position in positions]
    addresses = [found for found in judged if isinstance(found, str)]
    entered: dict[str, Found] = {}
    if addresses and leaves_writing_to_the_tables():
        entered.update(await _enter_together(live, Entering(person, addresses)))
    missing = [
        position.room
        for position, found in zip(positions, judged, strict=True)
        if isinstance(found, str) and found not in entered
    ]
    if missing:
        entered.update(await _enter_each(live, person, missing))
    return [entered[found] if isinstance(found, str) else found for found in judged]


async def enter_one(live: Live, person: Identity, name: str) -> tuple[Room, RoomState]:
    """Enter one room. Raises what entering raises, and Unavailable."""
    return await live.ask(address_of(name), _enter, name, person, by=person)


async def _enter_together(live: Live, entering: Entering) -> Entered:
    if len(entering.addresses) > SHARED_ROOMS:
        return (await live.readers.run(enter_together, [entering]))[0]
    return await live.entering.ask(entering)


async def _enter_each(live: Live, person: Identity, names: Sequence[str]) -> dict[str, Found]:
    """Enter rooms by themselves. A host's policy that is slow or fails for one of them spoils none of the others."""
    if not has_own_policy():
        return await live.readers.run(_read_each, names, person)
    asked = [
        live.ask(address_of(name), _read_each, [name], person, by=person, seconds=HELLO_PATIENCE) for name in names
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    entered: dict[str, Found] = {}
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, Unavailable):
            entered[address_of(name)] = answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            entered.update(answer)
    return entered


def _judged(address: Callable[[str], str], name: str) -> str | TeahouseError:
    try:
        return address(name)
    except TeahouseError as refusal:
        return refusal


def _read_each(names: Sequence[str], person: Identity) -> dict[str, Found]:
    refused: dict[str, Found] = {}
    found: dict[str, tuple[Room, RoomState]] = {}
    for name in names:
        address = address_of(name)
        try:
            room = enter(name, person)
            found[address] = room, uncounted_state(room, person)
        except TeahouseError as refusal:
            refused[address] = refusal
    states = counted(list(found.values()))
    return {**refused, **{address: (found[address][0], state) for address, state in zip(found, states, strict=True)}}


def _enter(name: str, person: Identity) -> tuple[Room, RoomState]:
    room = enter(name, person)
    return room, room_state(room, person)
