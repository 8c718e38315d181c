"""What forms ask for, as commands of the protocol: a form can do what a command can, and no more; for the views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from teahouse.chat.commands import perform
from teahouse.chat.limits import limits
from teahouse.chat.people import Identity
from teahouse.errors import BadField
from teahouse.models import Room
from teahouse.protocol.codec import encode
from teahouse.protocol.connection import read
from teahouse.protocol.fields import GREATEST_INTEGER


def done(form: Mapping[str, str], room: Room, person: Identity) -> dict[str, Any]:
    """Do what a form asks for in a room; return the fields of the answer. Raises what the command does, and BadField.

    Who deletes a message that was reported has resolved the report too.
    """
    word = form.get("do", "")
    answer = _performed(word, form, room, person)
    if word == "delete" and form.get("report"):
        return _performed("resolve", form, room, person)
    return answer


def perform_fields(person: Identity, /, **command: Any) -> dict[str, Any]:
    """Do a command that is given by its fields; return those of its answer. Raises what the command does."""
    return perform(read(encode({"id": 0, **command}), limits()), person)[0]


def _performed(word: str, form: Mapping[str, str], room: Room, person: Identity) -> dict[str, Any]:
    fields = _FIELDS.get(word)
    if fields is None:
        raise BadField("this form asks for nothing that is done here", field="do")
    # What was left empty is not said: for good, any number, as it stands.
    said = {name: convert(form[name]) for name, convert in fields.items() if form.get(name)}
    return perform_fields(person, type=word, room=room.address, **said)


def number(written: str, field: str = "number") -> int:
    """Return the number that a form or an address holds. Raises BadField, which names the field."""
    if written.isascii() and written.isdigit() and len(written) <= len(str(GREATEST_INTEGER)):
        return int(written)
    raise BadField(f"{field} is not a number that can stand here", field=field)


def _yes(written: str) -> bool:
    return written == "yes"


_FIELDS: dict[str, dict[str, Callable[[str], Any]]] = {
    "join": {},
    "leave": {},
    "delete": {"seq": number, "changed": number},
    "remove": {"person": str, "reason": str},
    "ban": {"person": str, "seconds": number, "reason": str},
    "unban": {"person": str},
    "mute": {"person": str, "seconds": number, "reason": str},
    "role": {"person": str, "role": str},
    "configure": {"title": str, "kind": str, "locked": _yes, "archived": _yes, "slow_seconds": number},
    "invite": {"seconds": number, "uses": number, "key": str},
    "revoke": {"invite": number},
    "report": {"seq": number, "reason": str},
    "resolve": {"report": number, "outcome": str},
    "direct": {"person": str},
}
"""The fields that a form may fill in, by what it does."""
