"""Times in words, in the site's zone and the person's language; used by the templates and by the trail."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext

from teahouse.chat.clock import moment
from teahouse.models import FOREVER


def clock(milliseconds: int) -> str:
    """Return the time of day, with the date in front when that is not today, in the site's zone."""
    at = localtime(moment(milliseconds))
    time = date_format(at, "H:i")
    return time if at.date() == localtime(now()).date() else f"{date_format(at, 'SHORT_DATE_FORMAT')} {time}"


def until(milliseconds: int | None) -> str:
    """Return when something ends, and that it is for good when it never does."""
    return gettext("for good") if milliseconds is None or milliseconds >= FOREVER else clock(milliseconds)
