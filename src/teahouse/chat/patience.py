"""Bounds how long a request waits for a host's own policy, and how many wait for one room; used by the HTTP edges.

The sockets have a pool of their own for this: see ``live.asking``. Here a thread waits already, that of the request.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connections

from teahouse.errors import Unavailable, database_away
from teahouse.settings import settings

logger = logging.getLogger("teahouse.policy")

AT_ONCE = 2
"""So many questions about one room are asked at once, here and on sockets; the others wait for these."""

REPLACED = 4
"""So many times ``POLICY_THREADS`` threads that hang in the policy have another in their place, here and on sockets."""

LEAST_SECONDS = 0.05
"""What each question has, however long the ones before it took: most policies answer in far less."""

T = TypeVar("T")

_deadline: ContextVar[float | None] = ContextVar("teahouse_patience", default=None)


@contextmanager
def patience(seconds: float | None = None) -> Iterator[None]:
    """Let all that asks the policy inside wait ``POLICY_SECONDS`` in sum, or so many as are given and no longer."""
    before = _deadline.get()
    most = settings.POLICY_SECONDS if seconds is None else min(seconds, settings.POLICY_SECONDS)
    deadline = time.monotonic() + most
    token = _deadline.set(deadline if before is None else min(before, deadline))
    try:
        yield
    finally:
        _deadline.reset(token)


def in_time(room: str, question: Callable[[], T]) -> T:
    """Return the answer to a question about a room, or raise what it raises; inside ``patience`` at most in that time.

    Raises Unavailable for one that takes longer, at once while earlier ones about the room still do, and for one whose
    database does not answer. Inside a transaction it is asked without bound: nobody can go on with a connection that a
    policy holds.
    """
    deadline = _deadline.get()
    if deadline is None or any(one.in_atomic_block for one in connections.all(initialized_only=True)):
        return question()
    try:
        return _questions.ask(room, question, max(LEAST_SECONDS, deadline - time.monotonic()))
    except (OperationalError, InterfaceError) as error:  # perhaps of a database that is only the policy's
        logger.error("the policy's database does not answer for room %s: %s", room, type(error).__name__)
        raise database_away() from error


class _Question:
    """One question in a thread of its own, which has the connections of whoever waits for it as long as they wait."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._lent = {one.alias: one for one in connections.all(initialized_only=True)}
        self.is_over = self.is_late = False
        self.result: Any = None
        self.error: BaseException | None = None

    def begin(self, end: Callable[[_Question], None]) -> None:
        """Ask, and tell from the thread that asked when that is over."""
        for one in self._lent.values():
            one.inc_thread_sharing()
        # With what the host keeps in context variables, whose tenant it is for example.
        work = copy_context().run
        threading.Thread(target=work, args=(self._run, end), name="teahouse-policy", daemon=True).start()

    def take_back(self) -> None:
        """Have the connections again; when it is late they stay with its thread, and the request opens others."""
        for alias, one in self._lent.items():
            if self.is_late:
                del connections[alias]
            else:
                one.dec_thread_sharing()

    def _run(self, end: Callable[[_Question], None]) -> None:
        _deadline.set(None)
        for alias, one in self._lent.items():
            connections[alias] = one
        try:
            self.result = self._function()
        except BaseException as raised:
            self.error = raised
        for one in connections.all(initialized_only=True):
            if self._lent.get(one.alias) is not one:
                one.close()
        end(self)
        if self.is_late:
            connections.close_all()


class _Questions:
    """The questions that are under way in this process: how many in all, and about each room."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way: Counter[str] = Counter()
        self._late: Counter[str] = Counter()

    def ask(self, room: str, function: Callable[[], T], seconds: float) -> T:
        deadline = time.monotonic() + seconds
        question = _Question(function)
        with self._changed:
            self._changed.wait_for(lambda: self._is_stuck(room) or self._has_place(room), seconds)
            if not self._has_place(room):
                raise no_answer(room)
            self._under_way[room] += 1
        question.begin(lambda question: self._ended(room, question))
        with self._changed:
            left = max(LEAST_SECONDS, deadline - time.monotonic())
            question.is_late = not self._changed.wait_for(lambda: question.is_over, left)
            if question.is_late:
                self._late[room] += 1
                self._changed.notify_all()
        question.take_back()
        if question.is_late:
            raise no_answer(room)
        if question.error is not None:
            raise question.error
        answer: T = question.result
        return answer

    def _has_place(self, room: str) -> bool:
        replaced = min(self._late.total(), REPLACED * settings.POLICY_THREADS)
        return self._under_way[room] < AT_ONCE and self._under_way.total() - replaced < settings.POLICY_THREADS

    def _is_stuck(self, room: str) -> bool:
        """Claim that nobody need wait: what is under way takes too long already."""
        return self._late[room] >= AT_ONCE or self._late.total() >= (1 + REPLACED) * settings.POLICY_THREADS

    def _ended(self, room: str, question: _Question) -> None:
        with self._changed:
            question.is_over = True
            self._under_way -= Counter({room: 1})  # which forgets rooms that have none
            if question.is_late:
                self._late -= Counter({room: 1})
            self._changed.notify_all()


def no_answer(room: str) -> Unavailable:
    """Return what is said of a room whose policy takes too long, and log it; here and on sockets."""
    logger.warning("the policy did not answer in time for room %s", room)
    return Unavailable(
        f'the site\'s own rules took too long for this room (TEAHOUSE["POLICY_SECONDS"] is '
        f"{settings.POLICY_SECONDS:g} s)",
        retry_after=1.0,
    )


_questions = _Questions()
