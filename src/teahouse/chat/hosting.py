"""What a host's own code does to rooms and their people; exported by ``teahouse``, and used by the admin.

``by`` is the user or identity in whose name it is done, and whose rights in the room are looked at; without it the host
does it, whose code decides. Everything acts at once, in every process, and stands in the audit trail. Each raises
Unavailable when the database does not take it, and inside a transaction of the host's it is heard at its commit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from teahouse.chat.actions import (
    Action,
    Ban,
    ChangeRights,
    Configure,
    Join,
    Leave,
    Mute,
    Remove,
    SetRole,
)
from teahouse.chat.clock import now
from teahouse.chat.invites import make_invite
from teahouse.chat.people import SITE, Identity, identity_of, people_changed, row_of
from teahouse.chat.rooms import room_at
from teahouse.chat.writing import write
from teahouse.errors import TeahouseError
from teahouse.models import FOREVER, Person, Room

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    Somebody = AbstractBaseUser | Identity


def join(room: Room | str, person: Somebody) -> None:
    """Make a person a member, of a private room too."""
    _do(Join(_place(room).pk, identity_of(person), granted=True))


def leave(room: Room | str, person: Somebody) -> None:
    """End a membership by the person's own wish. Raises NotAllowed for the only owner of other members."""
    _do(Leave(_place(room).pk, identity_of(person)))


def remove(room: Room | str, person: Somebody, *, by: Somebody | None = None, reason: str = "") -> None:
    """End a membership. Raises NotAllowed and NoSuchPerson where ``by`` may not."""
    _do(Remove(_place(room).pk, _actor(by), _uid(person), reason, granted=by is None))


def ban(
    room: Room | str,
    person: Somebody,
    *,
    seconds: int | None = None,
    by: Somebody | None = None,
    reason: str = "",
) -> None:
    """Keep a person out for so many seconds, or for good; ends the membership. A guest's network too, for a time."""
    _do(Ban(_place(room).pk, _actor(by), _uid(person), until(seconds), reason, granted=by is None))


def unban(room: Room | str, person: Somebody, *, by: Somebody | None = None) -> None:
    """Let a person in again; a membership does not come back by itself."""
    _do(Ban(_place(room).pk, _actor(by), _uid(person), 0, granted=by is None))


def mute(
    room: Room | str,
    person: Somebody,
    *,
    seconds: int | None = None,
    by: Somebody | None = None,
    reason: str = "",
) -> None:
    """Let a person only read for so many seconds, or for good; 0 ends it."""
    _do(Mute(_place(room).pk, _actor(by), _uid(person), until(seconds), reason, granted=by is None))


def set_role(room: Room | str, person: Somebody, role: str, *, by: Somebody | None = None) -> None:
    """Make a member owner, moderator or member. Raises NoSuchPerson for who is no member."""
    _do(SetRole(_place(room).pk, _actor(by), _uid(person), role, granted=by is None))


def configure(room: Room | str, *, by: Somebody | None = None, **changes: Any) -> None:
    """Change what a room is: ``title``, ``kind`` (open or private), ``locked``, ``archived``, ``slow_seconds``."""
    _do(Configure(_place(room).pk, _actor(by), granted=by is None, **changes))


def invite(room: Room | str, *, by: Somebody | None = None, seconds: int | None = None, uses: int | None = None) -> str:
    """Return the code of a new invitation, good for so many seconds (0: for ever) and so many uses."""
    return make_invite(_place(room), _actor(by), seconds, uses)[1]


def rights_changed(room: Room | str | None = None, person: Somebody | None = None) -> None:
    """Say that the policy may answer otherwise by now: it is asked again at once, in every process, for what is open.

    For one person in one room, for everybody in a room, or for a person everywhere. Until the answer comes, nothing
    more of the room is delivered to whom it is about. Call it in the transaction that changes your data, or after it.
    """
    if room is None and person is None:
        raise TypeError("rights_changed() takes a room, a person, or both")
    if room is not None:
        uid = None if person is None else row_of(identity_of(person)).uid
        _do(ChangeRights(_place(room).pk, SITE, uid))
    elif person is not None:
        uid = identity_of(person).uid
        # With what the host changes, so that no post is judged by what held before; heard once that is committed.
        Person.objects.filter(uid=uid).update(rights=F("rights") + 1)
        transaction.on_commit(partial(people_changed, [uid]), robust=True)


def until(seconds: int | None) -> int:
    """Return the time that is so many seconds from now, 0 for none, FOREVER where nothing is said."""
    if seconds is None:
        return FOREVER
    return now() + seconds * 1000 if seconds else 0


def _do(action: Action) -> None:
    (result,) = write([action])
    if isinstance(result, TeahouseError):
        raise result


def _place(room: Room | str) -> Room:
    return room if isinstance(room, Room) else room_at(room)


def _actor(by: Somebody | None) -> Identity:
    return SITE if by is None else identity_of(by)


def _uid(person: Somebody) -> str:
    """Return the id of whom it is about, who needs a row to be named."""
    return row_of(identity_of(person)).uid
