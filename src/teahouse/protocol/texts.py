"""The rules for what people write: messages, nicknames, room names; used wherever a text comes in."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from unicodedata import normalize

from teahouse.errors import BadName, BadRoomName, BadText, MessageEmpty, MessageTooLong

SHOWN_CHARACTERS = 40
"""So much of a wrong value is repeated in the text of an error."""

# Normalising takes longer than looking at the length; it composes up to three characters into one.
CHARACTERS_COMPOSED = 3

# PostgreSQL cannot store NUL, and no UTF-8 holds half of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# Controls and line breaks break a line, and U+FFFD stands for what was no UTF-8; invisible and direction marks make
# two names look alike, or turn around what stands beside them. The joiners U+200C and U+200D stay, because scripts
# and emoji need them.
UNFIT_FOR_A_NAME = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\ufffd\ud800-\udfff]"
)
UNFIT_FOR_AN_ADDRESS = re.compile(r"[/\\]")

# One character that is more than space, control, joiner, direction mark, filler or variation selector.
SEEN = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def clean_text(text: str, max_length: int) -> str:
    """Return the text of a message unchanged, or raise MessageTooLong, BadText or MessageEmpty.

    The length counts characters (code points).
    """
    if len(text) > max_length:
        raise MessageTooLong(_too_long("message", text, max_length, "MAX_MESSAGE_LENGTH"), field="text")
    if found := UNSTORABLE.search(text):
        refusal = f"message holds {_code_point(found)} at {found.start()}; leave it out, it cannot be stored"
        raise BadText(refusal, field="text")
    if not SEEN.search(text):
        refusal = "message has nothing but white space; write at least one character"
        raise MessageEmpty(refusal, field="text")
    return text


def clean_nickname(name: str, max_length: int) -> str:
    """Return a nickname in NFKC, with single spaces and none around it; raise BadName.

    A clean nickname stays as it is.
    """
    setting = "MAX_NICKNAME_LENGTH"
    if len(name) > CHARACTERS_COMPOSED * max_length:
        raise BadName(_too_long("nickname", name, max_length, setting), field="name")
    nickname = normalize("NFKC", name)
    if found := UNFIT_FOR_A_NAME.search(nickname):
        raise BadName(f"nickname {shown(name)} holds {_code_point(found)}; leave it out", field="name")
    nickname = " ".join(nickname.split())
    if not SEEN.search(nickname):
        raise BadName("nickname is empty; write at least one character", field="name")
    if len(nickname) > max_length:
        raise BadName(_too_long("nickname", nickname, max_length, setting), field="name")
    return nickname


@lru_cache(maxsize=1024)  # the same few rooms are named by every command
def room_address(name: str, max_length: int) -> str:
    """Return the one spelling that stands for all spellings of a room's name; raise BadRoomName.

    NFKC and case folding, single spaces and none around. The address of an address is itself.
    """
    setting = "MAX_ROOM_NAME_LENGTH"
    if len(name) > CHARACTERS_COMPOSED * max_length:
        raise BadRoomName(_too_long("room name", name, max_length, setting), field="room")
    address = normalize("NFKC", normalize("NFKC", name).casefold())
    if found := UNFIT_FOR_A_NAME.search(address) or UNFIT_FOR_AN_ADDRESS.search(address):
        raise BadRoomName(f"room name {shown(name)} holds {_code_point(found)}; leave it out", field="room")
    address = " ".join(address.split())
    if not SEEN.search(address):
        raise BadRoomName("room name is empty; write at least one character", field="room")
    if address in (".", ".."):
        raise BadRoomName(f"room name {shown(name)} is none; write more than dots", field="room")
    if len(address) > max_length:
        raise BadRoomName(_too_long("room name", address, max_length, setting), field="room")
    return address


def clean_note(note: str, field: str) -> str:
    """Return a reason or an outcome on one line, which may be empty; raise BadText for what cannot be stored."""
    if found := UNSTORABLE.search(note):
        raise BadText(f"{field} holds {_code_point(found)}; leave it out, it cannot be stored", field=field)
    return " ".join(note.split())


def shown(value: object) -> str:
    """Return a value for the text of an error: as JSON on one line, shortened, always encodable."""
    text = value[: SHOWN_CHARACTERS + 1] if isinstance(value, str) else value
    written = json.dumps(text, ensure_ascii=False, default=repr).encode(errors="replace").decode()
    if len(written) <= SHOWN_CHARACTERS + 2:
        return written
    return written[:SHOWN_CHARACTERS] + "…"


def _too_long(what: str, text: str, max_length: int, setting: str) -> str:
    return f'{what} has {len(text)} characters, the limit is {max_length} (TEAHOUSE["{setting}"])'


def _code_point(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"
