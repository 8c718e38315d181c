"""What is wrong with a frame that is no command; used by the codec, off its fast path."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any

from teahouse.errors import BadField, BadText, NotJSON, TeahouseError, UnknownCommand
from teahouse.protocol.commands import COMMANDS
from teahouse.protocol.fields import GREATEST_INTEGER, MAX_SECONDS
from teahouse.protocol.texts import shown

_INTEGER = f"an integer from 0 to {GREATEST_INTEGER}"
_NAME = "a string of 1 to 64 characters from A-Z a-z 0-9 _ . : -"
_ROOMS = "a list of objects with room, epoch and seq"

WANTED = {
    "type": "one of " + ", ".join(COMMANDS),
    "id": _INTEGER,
    "version": _INTEGER,
    "seq": _INTEGER,
    "changed": _INTEGER,
    "before": _INTEGER,
    "after": _INTEGER,
    "around": _INTEGER,
    "at": _INTEGER,
    "limit": "an integer from 1 to 100",
    "room": "a string",
    "text": "a string",
    "token": "a string",
    "name": "a string",
    "key": _NAME,
    "epoch": _NAME,
    "rooms": _ROOMS,
    "title": "a string",
    "kind": "open or private",
    "person": "a person's id, of 1 to 32 characters from A-Z a-z 0-9 _ . : -",
    "role": "owner, moderator or member",
    "seconds": f"an integer from 0 to {MAX_SECONDS}",
    "slow_seconds": "an integer from 0 to 86400",
    "uses": "an integer from 1 to 10000",
    "reason": "a string of at most 500 characters",
    "outcome": "a string of at most 500 characters",
    "code": "a string of at most 200 characters",
    "locked": "true or false",
    "archived": "true or false",
    "invite": _INTEGER,
    "report": _INTEGER,
}
"""What each field must be, for the text of an error."""

# Whoever logs an error's text must not find a message or a secret in it.
_NEVER_SHOWN = ("text", "token", "code", "reason", "outcome")

_STRINGS = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_BRACKETS = b"[]{}"
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>\w+)`")
_STEP = re.compile(r"\w+")

_HALF = re.compile("[\ud800-\udfff]")


def depth(data: bytes) -> int:
    """Return how deep the JSON is nested, brackets inside strings not counted."""
    steps = _STRINGS.sub(b"", data).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0)


def ambiguity(data: bytes) -> NotJSON | None:
    """Return the error for a frame that the decoder took but other readers of JSON refuse or read otherwise."""
    try:
        _parse(data)
    except ValueError as error:
        return _not_json(error)
    return None


def diagnose(data: bytes, found: str) -> TeahouseError:
    """Return the error for a frame that the decoder refused, with the ``command_id`` if one can be read.

    ``found`` is what the decoder said. The JSON must not be nested deep.
    """
    try:
        value = _parse(data)
    except ValueError as malformed:
        return _not_json(malformed)
    if not isinstance(value, dict):
        return NotJSON(f"the frame is {shown(value)}; it must be one JSON object")
    error = _unknown(value) or _half_text(value) or _bad_field(value, found)
    error.command_id = _command_id(value)
    return error


def _not_json(malformed: ValueError) -> NotJSON:
    return NotJSON(f"the frame is not JSON: {malformed}")


def _parse(data: bytes) -> Any:
    return json.loads(
        data.decode(errors="surrogatepass"),
        object_pairs_hook=_distinct,
        parse_int=_integer,
        parse_constant=_refuse_constant,
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        # Readers of JSON differ in which of the two counts.
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        refusal = f"one object names {shown(name)} twice; name it once"
        raise ValueError(refusal)
    return members


def _integer(digits: str) -> int | float:
    # Python refuses thousands of digits, and takes time over hundreds.
    return int(digits) if len(digits) <= 20 else float(digits)


def _refuse_constant(name: str) -> None:
    refusal = f"{name} is no JSON"
    raise ValueError(refusal)


def _command_id(value: dict[str, Any]) -> int | None:
    found = value.get("id")
    return found if type(found) is int and 0 <= found <= GREATEST_INTEGER else None


def _unknown(value: dict[str, Any]) -> TeahouseError | None:
    found = value.get("type")
    if isinstance(found, str) and found not in COMMANDS:
        refusal = f"no command has the type {shown(found)}; it must be {WANTED['type']}"
        return UnknownCommand(refusal, field="type")
    return None


def _half_text(value: dict[str, Any]) -> TeahouseError | None:
    for name, member in value.items():
        if _HALF.search(json.dumps([name, member], ensure_ascii=False)):
            return BadText(f"{shown(name)} holds half of a surrogate pair; send whole characters", field=name)
    return None


def _bad_field(value: dict[str, Any], found: str) -> TeahouseError:
    place = _PLACE.search(found)
    path = place["path"] if place else ""
    if missing := _MISSING.search(found):
        path = f"{path}.{missing['name']}".lstrip(".")
        return BadField(f"{path} is missing; it must be {_wanted(path)}", field=path)
    if not place:
        return _not_json(ValueError(found))
    return BadField(f"{path} is {_shown_at(value, path)}; it must be {_wanted(path)}", field=path)


def _wanted(path: str) -> str:
    steps = _STEP.findall(path)
    return WANTED.get(steps[-1], "an object with room, epoch and seq")


def _shown_at(value: Any, path: str) -> str:
    steps = _STEP.findall(path)
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return f"of type {type(value).__name__}" if steps[-1] in _NEVER_SHOWN else shown(value)
