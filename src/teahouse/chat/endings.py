"""Whose rights the entries of a log may have ended; used wherever a right was asked before something is done by it."""

from __future__ import annotations

from collections.abc import Iterable

from teahouse.chat.people import Identity
from teahouse.models import ENDING, Entry, Person
from teahouse.protocol.events import EVERYBODY, GUESTS

Ending = tuple[int, str]
"""An entry's number, and whose rights it may have ended: somebody's by their id, all guests', or everybody's."""


def endings_since(room_id: int, after: int) -> list[Ending]:
    """Return the entries behind a number that may have ended rights, in order; one query, as long as they are."""
    found = Entry.objects.filter(log_id=room_id, seq__gt=after, kind__in=ENDING).order_by("seq")
    rows = found.values_list("seq", "kind", "member__uid", "member__kind")
    return [(seq, whose(kind, uid, person_kind)) for seq, kind, uid, person_kind in rows]


def whose(kind: int, uid: str | None, person_kind: str | None) -> str:
    """Return whose rights an entry may have ended; nothing for most kinds of entries."""
    if kind not in ENDING:
        return ""
    is_of_network = kind == Entry.Kind.BAN and person_kind == Person.Kind.GUEST
    return GUESTS if is_of_network else uid or EVERYBODY


def concerns(rights: Iterable[str], person: Identity) -> bool:
    """Claim that a person's right may have ended where an event names these."""
    is_guest = person.kind == Person.Kind.GUEST
    return any(one in (person.uid, EVERYBODY) or (is_guest and one == GUESTS) for one in rights)
