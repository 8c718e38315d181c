"""Teahouse's limits: whether they are on, and whether names as long as they allow fit the columns."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.protocol.texts import CHARACTERS_COMPOSED
from teahouse.settings import settings


@check("W046", looks=Looks.AT_APPS)
def limits_are_on(project: Project) -> Iterator[Finding]:
    """How much one person may send is limited."""
    if not apps.is_installed("teahouse") or settings.LIMITS:
        return
    environment = project.settings_module == "teahouse_site.settings"
    yield Finding(
        "W046",
        "Limits are off: " + ("TEAHOUSE_LIMITS is off." if environment else 'TEAHOUSE["LIMITS"] is False.'),
        "Anybody may send as much as the machine takes: right for benches, and for closed networks whose people you "
        "trust.",
        "unset TEAHOUSE_LIMITS" if environment else '"LIMITS": True,',
        None if environment else project.place_of("TEAHOUSE", "LIMITS"),
    )


@check("E047", looks=Looks.AT_APPS)
def names_fit_their_columns(project: Project) -> Iterator[Finding]:
    """PostgreSQL takes every name that the settings allow; SQLite has no lengths."""
    engine = str(((project.settings.DATABASES or {}).get("default") or {}).get("ENGINE", ""))
    if not apps.is_installed("teahouse") or not engine.endswith("postgresql"):
        return
    for key, column, grows in (("MAX_ROOM_NAME_LENGTH", 255, CHARACTERS_COMPOSED), ("MAX_NICKNAME_LENGTH", 150, 1)):
        if getattr(settings, key) > column // grows:
            # A title is kept as it was written, a nickname is composed before it is counted.
            typed = f", and a letter such as ệ may be typed as {grows}" if grows > 1 else ""
            yield Finding(
                "E047",
                f'TEAHOUSE["{key}"] is {getattr(settings, key)}; the column has {column} characters{typed}.',
                'A longer name is answered by an error: "value too long for type character varying".',
                f'"{key}": {column // grows},',
                project.place_of("TEAHOUSE", key),
            )
