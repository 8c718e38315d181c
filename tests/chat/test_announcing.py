"""Telling what was committed: after the commit, only then, and whatever a listener does."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction

from teahouse.chat.actions import Posted
from teahouse.chat.announcing import Committed, announce, subscribe
from teahouse.chat.making import ensure_room
from teahouse.chat.writing import write
from teahouse.models import Message
from tests.chat.talk import Talk, commits


def test_what_is_announced_is_what_was_committed(talk: Talk) -> None:
    cake = ensure_room("cake")
    talk.do(talk.post("Ann", "one"), talk.post("Ann", "two", room=cake), talk.join("Bob"))
    tea, other = talk.committed
    assert (tea.room_id, tea.epoch, tea.after, tea.upto) == (talk.room.pk, talk.epoch(), 0, 2)
    assert (other.room_id, other.after, other.upto) == (cake.pk, 0, 1)
    (event,) = tea.events
    assert ([row.text for row in event.messages], [row.role for row in event.members]) == (["one"], ["member"])


def test_refusals_alone_ring_nobody(talk: Talk) -> None:
    talk.do(talk.edit("Ann", 7, 7, "x"), talk.leave("Bob"))
    assert talk.committed == []


@pytest.mark.django_db(transaction=True)
def test_it_is_said_after_the_commit_and_in_the_thread_that_committed(talk: Talk) -> None:
    seen = []
    end = subscribe(lambda _: seen.append((connection.in_atomic_block, Message.objects.count())))
    write([talk.post("Ann", "hello")])
    end()
    assert seen == [(False, 1)]


def test_inside_a_callers_transaction_it_is_said_when_that_one_commits(talk: Talk) -> None:
    with commits():
        with transaction.atomic():
            (result,) = write([talk.post("Ann", "hello")])
            assert isinstance(result, Posted)
        assert talk.committed == []
    assert [committed.upto for committed in talk.committed] == [1]


def test_what_is_rolled_back_is_never_said_and_leaves_no_hole(talk: Talk) -> None:
    with commits(), transaction.atomic():
        write([talk.post("Ann", "never")])
        transaction.set_rollback(True)
    assert talk.committed == []
    assert talk.say("hello") == [1]


def test_a_listener_that_fails_harms_neither_the_write_nor_the_others(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Sequence[Committed]) -> None:
        raise RuntimeError("deaf")

    heard: list[Committed] = []
    ends = [subscribe(fail), subscribe(heard.extend)]
    with caplog.at_level(logging.ERROR, "teahouse"):
        (seq,) = talk.say("hello")
    for end in ends:
        end()

    assert seq == 1
    assert [committed.upto for committed in heard] == [1]
    assert "a listener failed" in caplog.text


def test_who_ended_listening_hears_nothing_more(talk: Talk) -> None:
    heard: list[Any] = []
    end = subscribe(heard.extend)
    talk.say("one")
    end()
    talk.say("two")
    assert len(heard) == 1


def test_a_listener_may_end_while_it_is_told(talk: Talk) -> None:
    heard: list[str] = []

    def once(_: Sequence[Committed]) -> None:
        heard.append("once")
        end()

    end = subscribe(once)
    also = subscribe(lambda _: heard.append("also"))
    announce([])
    announce([])
    also()
    assert heard == ["once", "also", "also"]
