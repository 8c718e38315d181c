"""Compares the pages of docs/ with the code that they tell of."""

from __future__ import annotations

import json
import re
from pathlib import Path

from teahouse.errors import TeahouseError, all_errors
from teahouse.protocol.closes import Close
from teahouse.protocol.codec import Limits
from teahouse.protocol.commands import COMMANDS
from teahouse.protocol.diagnosis import WANTED
from teahouse.settings import TeahouseSettings, setting_names, settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text()
EMBEDDING = (DOCS / "embedding.md").read_text()


def section(page: str, title: str) -> str:
    return page.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table, without its two heading lines and without the backticks."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def meaning(error: type[TeahouseError]) -> str:
    return (error.__doc__ or "").strip().replace("``", "`")


def test_the_protocol_page_has_every_error_as_it_is() -> None:
    in_code = [
        [error.code, "yes" if error.retry else "no", str(error.http_status), meaning(error)]
        for error in all_errors()
        if error.__module__ == "teahouse.errors"
    ]

    assert rows(section(PROTOCOL, "Error codes")) == in_code


def test_the_protocol_page_has_every_close_code_as_it_is() -> None:
    in_code = [[str(close.code), close.reason, close.meaning] for close in Close]

    assert rows(section(PROTOCOL, "Close codes")) == in_code


def test_the_protocol_page_tells_of_every_command() -> None:
    headings = re.findall(r"^### (.*)$", PROTOCOL, re.MULTILINE)

    assert set(COMMANDS) <= {name for heading in headings for name in heading.split(", ")}


def test_the_protocol_page_tells_of_every_field_of_every_command() -> None:
    told = set(re.findall(r'"(\w+)":', PROTOCOL)) | set(re.findall(r"`(\w+)`", PROTOCOL))

    assert set(WANTED) <= told


def test_the_limits_of_the_protocol_are_those_of_the_settings() -> None:
    assert Limits() == Limits(
        frame_bytes=settings.MAX_FRAME_BYTES,
        json_depth=settings.MAX_JSON_DEPTH,
        message_length=settings.MAX_MESSAGE_LENGTH,
        room_name_length=settings.MAX_ROOM_NAME_LENGTH,
        nickname_length=settings.MAX_NICKNAME_LENGTH,
    )


def test_every_setting_that_the_protocol_page_names_exists() -> None:
    named = re.findall(r'TEAHOUSE\[\\?"(\w+)\\?"\]', PROTOCOL)

    assert named
    assert set(named) <= set(setting_names())


def test_the_embedding_page_has_every_setting_with_its_default() -> None:
    told = {name: default for name, default, *_ in rows(section(EMBEDDING, "Settings"))}

    assert told == {name: in_python(getattr(TeahouseSettings, name)) for name in setting_names()}


def in_python(default: object) -> str:
    """As a host writes it, with double quotes."""
    return json.dumps(default) if isinstance(default, str) else repr(default)
