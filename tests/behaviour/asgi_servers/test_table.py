"""The table of servers in the docs says what the tests here assert, cell by cell."""

import importlib.metadata
from collections.abc import Callable

import pytest

from tests.behaviour.asgi_servers.kinds import KIBIBYTE, KINDS, MEBIBYTE, OURS, Kind
from tests.servers.asgi import ROOT

DOCS = (ROOT / "docs" / "embedding.md").read_text()


def table() -> tuple[list[str], dict[str, list[str]]]:
    """Its columns, and its rows by their first cells."""
    section = DOCS.partition("### Servers")[2].partition("\n### ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return rows[0][1:], {row[0]: row[1:] for row in rows[2:]}


def yes_or_no(claim: bool) -> str:
    return "yes" if claim else "no"


def size(kind: Kind) -> str:
    mebibytes, rest = divmod(kind.largest_frame, MEBIBYTE)
    return f"{mebibytes} MiB" if not rest else f"{kind.largest_frame // KIBIBYTE} KiB"


def ended_with(end: tuple[int, str] | None) -> str:
    if end is None:
        return "a cut line"
    return "no code" if end[0] == 1005 else str(end[0])


def after_giving_up(kind: Kind) -> str:
    if not kind.bounds_what_waits:
        return "never given up"
    return "yes" if kind.ends_what_it_gave_up else "not always"


ROWS: dict[str, Callable[[Kind], str]] = {
    "messages, order, catching up, history": lambda kind: "yes",
    "a close says its reason, not its code alone": lambda kind: yes_or_no(kind.gives_close_reasons),
    "a close is sent at once": lambda kind: "yes" if kind.closes_at_once else "5 s later",
    "a refused handshake says why": lambda kind: yes_or_no(kind.explains_refusals),
    "told to stop, it ends a socket with": lambda kind: "`bye` and " * kind.says_bye + ended_with(kind.stops_with),
    "compresses each connection unless told otherwise": lambda kind: yes_or_no(kind.compresses),
    "what waits for one who stops reading is bounded": lambda kind: yes_or_no(kind.bounds_what_waits),
    "each event is framed once, and written straight to every socket": lambda kind: yes_or_no(
        kind.frees_stalled_sockets
    ),
    "who takes nothing for 20 s frees its socket": lambda kind: yes_or_no(kind.frees_stalled_sockets),
    "given up so, and reading again, it learns at once that it must return": after_giving_up,
    "largest frame that is still answered by an error": size,
    "a larger one ends the socket with": lambda kind: ended_with(kind.larger_ends_with),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_what_is_so(row: str) -> None:
    columns, rows = table()
    assert dict(zip(columns, rows[row], strict=True)) == {name: ROWS[row](kind) for name, kind in KINDS.items()}


def test_the_table_says_nothing_else() -> None:
    assert set(table()[1]) == set(ROWS)


def test_the_docs_start_uvicorn_as_the_tests_do() -> None:
    said = " ".join(DOCS.replace("\\\n", " ").split())
    assert f"uvicorn mysite.asgi:application --host 127.0.0.1 --port 8000 {OURS}" in said


@pytest.mark.parametrize("server", ["uvicorn", "daphne", "hypercorn", "granian"])
def test_the_versions_that_it_names_are_those_that_were_tested(server: str) -> None:
    major, minor, *_ = importlib.metadata.version(server).split(".")
    assert f"{server} {major}.{minor}" in DOCS
