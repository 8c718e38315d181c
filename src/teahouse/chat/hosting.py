"""What a host's own code does to rooms and their people; exported by ``teahouse``, and used by the admin.

``by`` is the user or identity in whose name it is done, and whose rights in the room are looked at; without it the host
does it, whose code decides. With ``granted`` the host decides too, and ``by`` is only who stands in the audit trail.
Everything acts at once, in every process. Each raises Unavailable when the database does not take it, and inside a
transaction of the host's it is heard at its commit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
from django.db import transaction
from django.db.models import F

from teahouse.chat.actions import (
    Action,
    AskAgain,
    Ban,
    ChangeRights,
    Configure,
    Join,
    Leave,
    ModeratingAction,
    Mute,
    Remove,
    Result,
    SetRole,
)
from teahouse.chat.clock import now
from teahouse.chat.invites import make_invite, revoke_invite
from teahouse.chat.managing import accept as accept_code
from teahouse.chat.people import SITE, Identity, identity_of, people_changed, row_of
from teahouse.chat.reports import report as put_report
from teahouse.chat.reports import resolve as resolve_report
from teahouse.chat.rooms import TRIES, rights_to, room_at, while_entitled
from teahouse.chat.writing import write
from teahouse.errors import BadField, TeahouseError
from teahouse.models import FOREVER, Membership, Person, Room
from teahouse.protocol.commands import Configure as Configuring
from teahouse.protocol.fields import MAX_SECONDS
from teahouse.protocol.texts import clean_note, room_address
from teahouse.settings import settings

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    Somebody = AbstractBaseUser | Identity

T = TypeVar("T")

_REASON_LENGTH = 500


class Invitation(NamedTuple):
    """A new invitation: its number, by which it is revoked, and its code, which is told this once."""

    id: int
    code: str


def join(room: Room | str, person: Somebody) -> None:
    """Make a person a member, of a private room too. Who is banned stays so until ``unban``."""
    _do(lambda: Join(_place(room).pk, identity_of(person), granted=True))


def leave(room: Room | str, person: Somebody) -> None:
    """End a membership by the person's own wish. Raises NotAllowed for the only owner of other members."""
    _do(lambda: Leave(_place(room).pk, identity_of(person)))


def remove(
    room: Room | str, person: Somebody, *, by: Somebody | None = None, granted: bool = False, reason: str = ""
) -> None:
    """End a membership. Raises NotAllowed and NoSuchPerson where ``by`` may not."""
    _moderate(Remove, room, by, granted, uid=_uid(person), reason=_note(reason))


def ban(
    room: Room | str,
    person: Somebody,
    *,
    seconds: int | None = None,
    by: Somebody | None = None,
    granted: bool = False,
    reason: str = "",
) -> None:
    """Keep a person out for so many seconds, or for good; ends the membership. A guest's network too, for a time.

    Raises NotAllowed and NoSuchPerson where ``by`` may not, BadField for less than a second.
    """
    _moderate(Ban, room, by, granted, uid=_uid(person), until=end_of_ban(seconds), reason=_note(reason))


def unban(room: Room | str, person: Somebody, *, by: Somebody | None = None, granted: bool = False) -> None:
    """Let a person in again; a membership does not come back by itself. Raises as ``remove`` does."""
    _moderate(Ban, room, by, granted, uid=_uid(person), until=0)


def mute(
    room: Room | str,
    person: Somebody,
    *,
    seconds: int | None = None,
    by: Somebody | None = None,
    granted: bool = False,
    reason: str = "",
) -> None:
    """Let a person only read for so many seconds, or for good; 0 ends it. Raises as ``ban`` does."""
    _moderate(Mute, room, by, granted, uid=_uid(person), until=until(seconds), reason=_note(reason))


def set_role(
    room: Room | str, person: Somebody, role: str, *, by: Somebody | None = None, granted: bool = False
) -> None:
    """Make a member owner, moderator or member. Raises NoSuchPerson for who is no member, BadField for another role."""
    if role not in (Membership.Role.OWNER, Membership.Role.MODERATOR, Membership.Role.MEMBER):
        raise BadField(f"a role is owner, moderator or member, and not {role!r}", field="role")
    _moderate(SetRole, room, by, granted, uid=_uid(person), role=str(role))


def configure(room: Room | str, *, by: Somebody | None = None, granted: bool = False, **changes: Any) -> None:
    """Change what a room is: ``title``, ``kind`` (open or private), ``locked``, ``archived``, ``slow_seconds``.

    Raises BadField and BadRoomName for what a room cannot be, NotAllowed where ``by`` may not.
    """
    if not set(changes) <= {"title", "kind", "locked", "archived", "slow_seconds"}:
        raise TypeError(f"configure() takes title, kind, locked, archived and slow_seconds, and not {list(changes)}")
    try:
        msgspec.convert({"type": "configure", "id": 0, "room": "", **changes}, Configuring)
    except msgspec.ValidationError as error:
        raise BadField(f"a room cannot be so: {error}", field=_field_in(error, changes)) from None
    if changes.get("title") is not None:
        room_address(changes["title"], settings.MAX_ROOM_NAME_LENGTH)
        changes["title"] = " ".join(changes["title"].split())
    _moderate(Configure, room, by, granted, **changes)


def invite(
    room: Room | str,
    *,
    by: Somebody | None = None,
    granted: bool = False,
    seconds: int | None = None,
    uses: int | None = None,
) -> Invitation:
    """Return a new invitation, good for so many seconds (``INVITE_SECONDS`` unless said; 0: for ever) and uses.

    ``invite_link`` makes its code an address. Raises NotAllowed where ``by`` may not, and for a direct room.
    """
    place = _place(room)
    made, code = _entitled("can_invite", place, by, granted, lambda actor: make_invite(place, actor, seconds, uses))
    return Invitation(made.pk, code)


def revoke(room: Room | str, invitation: int, *, by: Somebody | None = None, granted: bool = False) -> None:
    """Take an invitation back, by its number; whom it made members stay. Raises BadInvite for one that is not good."""
    place = _place(room)
    _entitled("can_invite", place, by, granted, lambda actor: revoke_invite(place, invitation, actor))


def accept(code: str, person: Somebody) -> Room:
    """Make a person a member by an invitation's code; return the room. Raises BadInvite, and Banned or NoSuchRoom."""
    return room_at(accept_code(code, identity_of(person))["room"])


def report(room: Room | str, seq: int, by: Somebody, reason: str = "") -> int:
    """Put the message with this number into the queue of the room's moderators; return the report's number.

    Asks no rights. Raises NoSuchMessage.
    """
    return put_report(_place(room), seq, identity_of(by), _note(reason)).pk


def resolve(
    room: Room | str, report_id: int, *, by: Somebody | None = None, granted: bool = False, outcome: str = ""
) -> None:
    """Take a report from the queue, and say what came of it. Raises NoSuchReport, NotAllowed where ``by`` may not."""
    place = _place(room)
    note = _note(outcome)
    _entitled("can_moderate", place, by, granted, lambda actor: resolve_report(place, report_id, actor, note))


def rights_changed(room: Room | str | None = None, person: Somebody | None = None) -> None:
    """Say that the policy may answer otherwise by now: it is asked again at once, in every process, for what is open.

    For one person in one room, for everybody in a room, or for a person everywhere. Until the answer comes, nothing
    more of the room is delivered to whom it is about; of a person everywhere other processes hear a moment later, and
    stop then. Call it in the transaction that changes your data, or after it.
    """
    if room is None and person is None:
        raise TypeError("rights_changed() takes a room, a person, or both")
    if room is not None:
        uid = None if person is None else _uid(person)
        _do(lambda: ChangeRights(_place(room).pk, SITE, uid))
    elif person is not None:
        uid = _uid(person)
        # With what the host changes, so that no post is judged by what held before; heard once that is committed.
        Person.objects.filter(uid=uid).update(rights=F("rights") + 1)
        transaction.on_commit(partial(people_changed, [uid]), robust=True)


def until(seconds: int | None) -> int:
    """Return the time that is so many seconds from now, 0 for none, FOREVER where nothing is said. Raises BadField."""
    if seconds is None:
        return FOREVER
    if not 0 <= seconds <= MAX_SECONDS:
        raise BadField(f"{seconds} seconds is no time from 0 to {MAX_SECONDS} seconds", field="seconds")
    return now() + int(seconds * 1000) if seconds else 0


def end_of_ban(seconds: int | None) -> int:
    """Return until when a ban lasts, as ``until`` does. Raises BadField for 0: that would lift it."""
    if seconds == 0:
        raise BadField("a ban lasts at least one second; use unban to let somebody in again", field="seconds")
    return until(seconds)


def _moderate(
    action: type[ModeratingAction], room: Room | str, by: Somebody | None, granted: bool, **fields: Any
) -> None:
    place, actor = _place(room), _actor(by)
    if by is None or granted:
        _do(lambda: action(place.pk, actor, granted=True, **fields))
    else:
        _do(lambda: action(place.pk, actor, rights=rights_to("can_moderate", actor, place, by_rank=True), **fields))


def _entitled(right: str, place: Room, by: Somebody | None, granted: bool, do: Callable[[Identity], T]) -> T:
    actor = _actor(by)
    return do(actor) if by is None or granted else while_entitled(right, actor, place, lambda _: do(actor))


def _do(make: Callable[[], Action]) -> None:
    """Write an action, made anew when what the policy said of it is out of date. Raises its refusal."""
    result: Result | None = None
    for _ in range(TRIES):
        (result,) = write([make()])
        if not isinstance(result, AskAgain):
            break
    if isinstance(result, TeahouseError):
        raise result


def _place(room: Room | str) -> Room:
    return room if isinstance(room, Room) else room_at(room)


def _actor(by: Somebody | None) -> Identity:
    return SITE if by is None else identity_of(by)


def _uid(person: Somebody) -> str:
    """Return the id of whom it is about, who needs a row to be named."""
    return row_of(identity_of(person)).uid


def _note(note: str) -> str:
    """Return a reason as it is kept. Raises BadText, and BadField for one that is too long."""
    note = clean_note(note, "reason")
    if len(note) > _REASON_LENGTH:
        raise BadField(f"the reason has {len(note)} characters, the limit is {_REASON_LENGTH}", field="reason")
    return note


def _field_in(error: msgspec.ValidationError, changes: dict[str, Any]) -> str | None:
    return next((name for name in changes if f"$.{name}`" in str(error)), None)
