"""``teahouse.post``: a message from any Django code, in or outside a transaction."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from django.db import connection, transaction

from teahouse.chat.actions import PostMessage, Result
from teahouse.chat.people import Identity, identity_of_row, identity_of_user, row_of
from teahouse.chat.portions import portion
from teahouse.chat.rooms import room_at
from teahouse.chat.writing import write
from teahouse.errors import BadField, InternalError, TeahouseError, Unavailable
from teahouse.models import Message, Outbox, Room
from teahouse.protocol.fields import Key
from teahouse.protocol.texts import clean_text
from teahouse.settings import settings

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

logger = logging.getLogger("teahouse.chat")


def post(room: Room | str, text: str, author: AbstractBaseUser | Identity, key: str | None = None) -> Message | None:
    """Say ``text`` in a room as a host user or any identity.

    Outside a transaction it is committed at once and the message returned; with a ``key`` used before, the earlier
    message. Inside one it returns None: the message appears when that transaction commits, and never when it rolls
    back. The host's transaction holds no lock of ours. Raises MessageEmpty, MessageTooLong, BadText, NoSuchRoom,
    KeyConflict, BadField for an odd key, Unavailable. Nothing is asked, neither policy, membership, ban nor lock: the
    host's own code decides.
    """
    text = clean_text(text, settings.MAX_MESSAGE_LENGTH)
    place = room if isinstance(room, Room) else room_at(room)
    identity = author if isinstance(author, Identity) else identity_of_user(author)
    key = secrets.token_urlsafe(16) if key is None else _clean_key(key)
    if connection.in_atomic_block:
        _put_in_outbox(place, identity, key, text)
        return None
    (result,) = write([PostMessage(place.pk, identity, key, text, granted=True)])
    if isinstance(result, TeahouseError):
        raise result
    return Message.objects.select_related("author").get(room=place, seq=result.seq)


def finish_outbox(room_id: int | None = None) -> int:
    """Number what waits in the outbox (of one room), in its order; returns how many were taken.

    Called right after a host's commit, and by the sweep for what a crash left. Safe to call at once from many
    processes: the keys make a second taking a repeat, and rows go only after their message is committed.
    """
    waiting = Outbox.objects.select_related("author").order_by("pk")
    if room_id is not None:
        waiting = waiting.filter(room_id=room_id)
    rows = list(waiting[: settings.WRITER_BATCH])
    posts = [PostMessage(row.room_id, identity_of_row(row.author), row.key, row.text, granted=True) for row in rows]
    results: list[Result] = []
    # Once the database is away, what comes after is not tried, or it could overtake.
    while len(results) < len(posts) and not any(isinstance(result, Unavailable) for result in results):
        left = posts[len(results) :]
        results += write(left[: portion(left, len(left))])
    done = [row.pk for row, result in zip(rows, results, strict=False) if _is_done(row, result)]
    Outbox.objects.filter(pk__in=done).delete()
    return len(done)


def _is_done(row: Outbox, result: Result) -> bool:
    """Claim that a waiting post needs no other try. What the host committed is lost to no failure of ours."""
    if isinstance(result, Unavailable | InternalError):
        return False
    if isinstance(result, TeahouseError):
        logger.error("the waiting post %d for room %d was refused: %s", row.pk, row.room_id, result.code)
    return True


def _clean_key(key: str) -> str:
    try:
        return msgspec.convert(key, Key)
    except msgspec.ValidationError:
        raise BadField("a key has 1 to 64 characters from A-Z a-z 0-9 _ . : -", field="key") from None


def _put_in_outbox(room: Room, identity: Identity, key: str, text: str) -> None:
    Outbox.objects.create(room=room, author=row_of(identity), key=key, text=text)
    transaction.on_commit(partial(_finish_after_commit, room.pk))


def _finish_after_commit(room_id: int) -> None:
    """Number at once what a host committed. A failure is not the host's to hear of: the sweep tries again."""
    try:
        while finish_outbox(room_id) >= settings.WRITER_BATCH:
            pass
    except Exception as error:
        logger.error("what waits for room %d must wait for the sweep: %s", room_id, type(error).__name__)
