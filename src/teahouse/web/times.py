"""Times in words, in the site's zone and the person's language; used by the templates and by the trail.

A ``<time>`` that is marked as a moment is put into the person's own zone by the script ``page/moments.js``.
"""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime, now
from django.utils.translation import gettext

from teahouse.chat.clock import moment
from teahouse.models import FOREVER


def clock(milliseconds: int) -> str:
    """Return the time of day, with the date in front when that is not today, in the site's zone."""
    at = localtime(moment(milliseconds))
    time = date_format(at, "H:i")
    # The short format writes the 2nd of December as 12/02 where others read the 12th of February.
    return time if at.date() == localtime(now()).date() else f"{date_format(at, 'DATE_FORMAT')} {time}"


def stamp(milliseconds: int) -> SafeString:
    """Return ``clock`` as an element that knows which moment it means."""
    at = localtime(moment(milliseconds))
    shown = (at.isoformat(timespec="milliseconds"), date_format(at, "DATETIME_FORMAT"), clock(milliseconds))
    return format_html('<time datetime="{}" title="{}" data-moment>{}</time>', *shown)


def banned(until: int) -> str:
    """Return that somebody is banned, and until when."""
    return gettext("banned for good") if until >= FOREVER else _with_time(gettext("banned until %(time)s"), until)


def muted(until: int) -> str:
    """Return that somebody is muted, and until when."""
    return gettext("muted for good") if until >= FOREVER else _with_time(gettext("muted until %(time)s"), until)


def _with_time(words: str, milliseconds: int) -> SafeString:
    return format_html(words.replace("%(time)s", "{}"), stamp(milliseconds))
