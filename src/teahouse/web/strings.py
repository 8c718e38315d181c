"""The words that page scripts show, in the person's language; handed to them as JSON inside the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from teahouse.web.refusals import FRIENDLY


def strings() -> dict[str, str]:
    """Return the words by their English ids; refusals stand under their codes."""
    refusals = {f"refused.{code}": str(text) for code, text in FRIENDLY.items()}
    return {
        "connecting": _("Connecting…"),
        "online": _("Connected"),
        "waiting": _("No connection. Trying again in %(seconds)s s."),
        "polling": _("The live connection is blocked here. Messages come every few seconds."),
        "stopped": _("Not connected"),
        "connect now": _("Connect now"),
        "sending": _("sending"),
        "failed": _("not sent"),
        "send again": _("Send again"),
        "discard": _("Discard"),
        "edit": _("Edit"),
        "delete": _("Delete"),
        "save": _("Save"),
        "cancel": _("Cancel"),
        "edited": _("edited"),
        "deleted": _("This message was deleted."),
        "delete?": _("Delete this message?"),
        "you": _("you"),
        "older": _("Older messages"),
        "newer": _("Newer messages"),
        "new messages": _("New messages"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "too long": _("%(count)s characters too many"),
        "refused": _("This did not work."),
        **refusals,
    }
