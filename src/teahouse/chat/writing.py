"""Writes a batch of actions in one transaction; the only way by which a log grows."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from teahouse.chat.actions import Action, Result
from teahouse.chat.announcing import announce
from teahouse.chat.batch import Batch
from teahouse.chat.held import KeysTaken
from teahouse.errors import InternalError, Unavailable

logger = logging.getLogger("teahouse.chat")


def write(actions: Sequence[Action]) -> list[Result]:
    """Do all actions in one transaction, in their order, and return one outcome or refusal for each, in that order.

    Returns after the commit. When the transaction fails, the actions are tried one by one, so that a bad one fails
    alone; when the database itself does not answer, each is refused as ``Unavailable``, which a client may send again.
    Inside a transaction of the caller the rooms stay locked, and nobody hears of it, until that one ends.
    """
    try:
        return _write(actions)
    except (OperationalError, InterfaceError) as error:
        return _try_again(actions, error)
    except Exception as error:
        return _one_by_one(actions, error)


def _write(actions: Sequence[Action]) -> list[Result]:
    """Write a batch in one transaction; in a second one when something in it may have been posted before."""
    try:
        return _transact(actions, looks_for_keys=False)
    except KeysTaken:
        return _transact(actions, looks_for_keys=True)


def _transact(actions: Sequence[Action], looks_for_keys: bool) -> list[Result]:
    with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
        batch = Batch(cursor, actions, looks_for_keys)
        results = [batch.judge(action) for action in actions]
        batch.store()
    committed = batch.committed()
    if committed:
        transaction.on_commit(lambda: announce(committed))
    return results


def _try_again(actions: Sequence[Action], error: Exception) -> list[Result]:
    """Try a batch once more on a fresh connection: keys make it safe even when the first try was committed."""
    logger.warning("the database did not take a batch of %d: %s", len(actions), error)
    if connection.in_atomic_block:
        raise error
    connection.close()
    try:
        return _write(actions)
    except (OperationalError, InterfaceError) as again:
        logger.error("the database does not answer: %s", again)
        connection.close()
        return [_unavailable() for _ in actions]
    except Exception as again:
        return _one_by_one(actions, again)


def _one_by_one(actions: Sequence[Action], error: Exception) -> list[Result]:
    if connection.in_atomic_block and isinstance(error, DatabaseError):
        raise error
    if len(actions) > 1:
        return _each_alone(actions)
    # Neither the action nor a database's words are logged: PostgreSQL quotes the row, and that is what somebody said.
    told = None if isinstance(error, DatabaseError) else error
    logger.error("could not write a %s: %s", type(actions[0]).__name__, type(error).__name__, exc_info=told)
    return [InternalError("the server could not store this; its log says why")]


def _each_alone(actions: Sequence[Action]) -> list[Result]:
    """Write actions one by one. Once the database is away, what comes after is not tried, or it could overtake."""
    results: list[Result] = []
    for action in actions:
        if results and isinstance(results[-1], Unavailable):
            results.append(_unavailable())
        else:
            results += write([action])
    return results


def _unavailable() -> Unavailable:
    return Unavailable("the database does not take changes at the moment; send it again", retry_after=1.0)
