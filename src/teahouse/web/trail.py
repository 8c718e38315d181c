"""The audit trail as sentences in the person's language; used by the pages about a room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from teahouse.chat.people import SITE
from teahouse.models import FOREVER
from teahouse.protocol.events import PersonRow
from teahouse.web.times import stamp

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Line(NamedTuple):
    """A deed: what was done, when, about which message, and what was said about it."""

    sentence: SafeString
    at: int
    seq: int | None
    reason: str


_SENTENCES: dict[str, StrPromise] = {
    "create": _("%(actor)s made the room"),
    "remove": _("%(actor)s removed %(person)s"),
    "ban": _("%(actor)s banned %(person)s until %(until)s"),
    "ban for good": _("%(actor)s banned %(person)s for good"),
    "unban": _("%(actor)s let %(person)s in again"),
    "mute": _("%(actor)s muted %(person)s until %(until)s"),
    "mute for good": _("%(actor)s muted %(person)s for good"),
    "unmute": _("%(actor)s let %(person)s speak again"),
    "role owner": _("%(actor)s made %(person)s an owner"),
    "role moderator": _("%(actor)s made %(person)s a moderator"),
    "role member": _("%(actor)s made %(person)s an ordinary member"),
    "title": _("%(actor)s renamed the room from “%(before)s” to “%(after)s”"),
    "kind open": _("%(actor)s opened the room to everybody"),
    "kind private": _("%(actor)s made the room private"),
    "locked True": _("%(actor)s locked the room"),
    "locked False": _("%(actor)s unlocked the room"),
    "archived True": _("%(actor)s archived the room"),
    "archived False": _("%(actor)s brought the room back from the archive"),
    "slow_seconds": _("%(actor)s let everybody wait %(after)s seconds between two messages"),
    "slow_seconds 0": _("%(actor)s ended slow mode"),
    "invite": _("%(actor)s made invitation %(invite)s"),
    "revoke": _("%(actor)s took invitation %(invite)s back"),
    "delete": _("%(actor)s deleted a message of %(person)s"),
    "resolve": _("%(actor)s resolved a report"),
}


def lines(rows: Iterable[dict[str, Any]]) -> list[Line]:
    """Return the rows of ``audit_page`` as sentences, in the same order; one row that changed much gives several."""
    return [
        Line(_sentence(word, values), row["at"], row.get("seq"), _reason(row))
        for row in rows
        for word, values in _told(row)
    ]


def _told(row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield which sentences a row makes, each with its values."""
    details = row.get("details", {})
    values = {"actor": _name(row["actor"]), "person": _name(row["person"]) if "person" in row else "", **details}
    match row["action"]:
        case "ban" | "mute" as word:
            until = details.get("until", FOREVER)
            yield (f"{word} for good", values) if until >= FOREVER else (word, {**values, "until": stamp(until)})
        case "role":
            yield f"role {details.get('role')}", values
        case "configure":
            for name, (before, after) in details.items():
                word = f"{name} {after}" if f"{name} {after}" in _SENTENCES else name
                yield word, {**values, "before": before, "after": after}
        case word:
            yield word, values


def _sentence(word: str, values: dict[str, Any]) -> SafeString:
    """Return a sentence; each value keeps its own writing direction, and is no markup."""
    # A word that came with a later version is shown as it is written.
    words = str(_SENTENCES.get(word, f"%(actor)s: {word.replace('%', '%%')}"))
    return SafeString(escape(words) % {name: format_html("<bdi>{}</bdi>", value) for name, value in values.items()})


def _reason(row: dict[str, Any]) -> str:
    details = row.get("details", {})
    return str(details.get("reason") or details.get("outcome") or "")


def _name(person: PersonRow) -> str:
    return gettext("the site") if person.id == SITE.uid else person.name
