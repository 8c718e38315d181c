"""Who may what: the class that a host subclasses, and how it is asked; used by the edges and by ``live``."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import partial
from inspect import iscoroutine
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from teahouse.chat.patience import in_time
from teahouse.chat.people import Identity
from teahouse.models import Membership, Room
from teahouse.settings import settings

logger = logging.getLogger("teahouse.policy")

MODERATING = (Membership.Role.OWNER.value, Membership.Role.MODERATOR.value)
"""Roles that look after a room."""


class Policy:
    """The default: all enter open rooms, members enter the others, roles moderate, and only the host makes rooms.

    Name a subclass in ``TEAHOUSE["POLICY"]``, and override what shall be otherwise. Each method is given a person and a
    room, and says yes or no; ``teahouse.subject_of(room)`` is the object of yours that the room belongs to. They run in
    worker threads, for many people at once, and may query the database; one object serves all threads, so keep nothing
    of a request on it. A method that raises is logged and says no; one that takes longer than ``POLICY_SECONDS`` makes
    what was asked for `unavailable`.

    A room's own rules come on top, whatever a policy says: who is banned or muted, and a locked, slow or archived room.
    When your data changes what a method says, call ``teahouse.rights_changed()``; else it is noticed in
    ``RIGHTS_SECONDS``.
    """

    def can_see(self, person: Identity, room: Room) -> bool:
        """Claim that the person may know of the room. Who may not is told that there is none."""
        return room.kind == Room.Kind.OPEN or self.role_of(person, room) is not None

    def can_enter(self, person: Identity, room: Room) -> bool:
        """Claim that who may see the room may also read and watch it."""
        return True

    def can_join(self, person: Identity, room: Room) -> bool:
        """Claim that who may enter may become a member by their own wish; an invitation needs no such right."""
        return room.kind == Room.Kind.OPEN

    def can_post(self, person: Identity, room: Room) -> bool:
        """Claim that who may enter may also write."""
        return True

    def can_moderate(self, person: Identity, room: Room) -> bool:
        """Claim that the person may remove, ban, mute and configure, and delete anybody's message."""
        return self.role_of(person, room) in MODERATING

    def can_invite(self, person: Identity, room: Room) -> bool:
        """Claim that the person may make invitations, and take them back."""
        return self.role_of(person, room) in MODERATING

    def can_create(self, person: Identity, room: Room) -> bool:
        """Claim that the person may make this room, which is not there yet: look at its kind, title and address."""
        return False

    @staticmethod
    def role_of(person: Identity, room: Room) -> str | None:
        """Return the person's role in the room: owner, moderator, member, or None for a visitor."""
        of_person = Membership.objects.filter(room_id=room.pk, person__uid=person.uid)
        return of_person.values_list("role", flat=True).first() or None


def policy() -> Policy:
    """Return the host's policy, made when it is first asked."""
    path = settings.POLICY
    return _made[path] if path in _made else _made.setdefault(path, import_string(path)())


def may(right: str, person: Identity, room: Room) -> bool:
    """Ask the policy; ``right`` is the name of its method. A method that raises is logged, and says no.

    A database that does not answer is no answer of the policy, so its errors pass. Inside ``patience``, which the HTTP
    edges have, raises Unavailable for a host's own policy that takes too long.
    """
    asked = policy()
    if type(asked) is Policy:
        return _answer(asked, right, person, room)
    return in_time(room.address, partial(_answer, asked, right, person, room))


def _answer(asked: Policy, right: str, person: Identity, room: Room) -> bool:
    try:
        return _says_yes(getattr(asked, right)(person, room), right)
    except (OperationalError, InterfaceError, KeyboardInterrupt):
        raise
    except BaseException:  # sys.exit() too: it would end the server
        logger.exception("%s.%s failed, which counts as no", type(asked).__name__, right)
        return False


def _says_yes(answer: Any, right: str) -> bool:
    """Return an answer as a truth. Raises TypeError for one that would be true, whatever it comes to."""
    if iscoroutine(answer):
        answer.close()
        raise TypeError(f"{right} is asked in threads, and must be no coroutine: write def instead of async def")
    is_open = isinstance(answer, Awaitable | Iterator | AsyncIterator)
    if is_open or callable(answer) or answer is NotImplemented:
        raise TypeError(f"{right} returned {type(answer).__name__}, which is no answer; return True or False")
    return bool(answer)


def is_own(*rights: str) -> bool:
    """Claim that the host's policy overrides one of these rights. The others each transaction checks by itself."""
    cls = type(policy())
    return any(getattr(cls, right) is not getattr(Policy, right) for right in rights)


def has_own_policy() -> bool:
    """Claim that the host's code is asked for anything at all."""
    return type(policy()) is not Policy


def leaves_writing_to_the_tables() -> bool:
    """Claim that the policy says nothing of its own about who reads, writes and looks after a room."""
    return not is_own("can_see", "can_enter", "can_join", "can_post", "can_moderate", "can_invite")


_made: dict[str, Policy] = {}
