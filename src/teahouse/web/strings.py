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
        "offline": _("You are offline. What you send is kept, and goes out when you are back."),
        "no connection": _("No connection. Trying again."),
        "stopped": _("Not connected"),
        "connect now": _("Connect now"),
        "sending": _("sending"),
        "failed": _("not sent"),
        "send again": _("Send again"),
        "rewrite": _("Change it"),
        "discard": _("Discard"),
        "edit": _("Edit"),
        "delete": _("Delete"),
        "editing": _("You are editing a message"),
        "conflict: save again or cancel": _(
            "It was changed meanwhile, and now reads as below. Send again to put yours in its place, or cancel."
        ),
        "cancel": _("Cancel"),
        "edited": _("edited"),
        "deleted": _("This message was deleted."),
        "delete?": _("Delete this message?"),
        "report": _("Report"),
        "why report?": _("What is wrong with it?"),
        "reported": _("Thank you. Those who look after the room will see it."),
        "reports waiting": _("reports waiting: %(count)s"),
        "slow mode": _("This room is slow: the next message has to wait a little."),
        "slow": _("This room is slow: your next message can go out in %(seconds)s s."),
        "muted until": _("A moderator has muted you: you can read, and write again from %(time)s."),
        "read only": _("You can read here, and not write."),
        "guest": _("guest"),
        "bot": _("bot"),
        "beginning": _("Here the room begins"),
        "loading": _("Loading…"),
        "older": _("Older messages"),
        "newest": _("To the newest messages"),
        "new messages": _("New messages"),
        "new messages count": _("New messages: %(count)s"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "too long": _("%(count)s characters too many"),
        "refused": _("This did not work."),
        "refused.lost": _("The connection broke. Try again."),
        "refused.timeout": _("The server did not answer. Try again."),
        "refused.offline": _("There is no connection now. Try again when it is back."),
        **refusals,
    }
