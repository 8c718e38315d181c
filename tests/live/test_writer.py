"""Tests of `teahouse.live.writer`, with a `write` that the test lets go step by step."""

import asyncio
import queue
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from teahouse.chat.actions import Action, Posted, PostMessage, Result
from teahouse.chat.people import Identity
from teahouse.errors import InternalError, NotAllowed, Overloaded, RateLimited, TeahouseError, Unavailable
from teahouse.live import writer as module
from teahouse.live.lanes import Lane
from teahouse.live.writer import Writer

ANN = Identity(uid="gann", name="Ann", kind="guest")


def post(key: str, text: str = "hello") -> PostMessage:
    return PostMessage(7, ANN, key, text)


def submit(writer: Writer, action: PostMessage, lane: Lane) -> "asyncio.Future[Result]":
    return writer.submit(action, lane, lane.number(action.key))


def refuse(writer: Writer, key: str, lane: Lane, refusal: TeahouseError) -> None:
    """A post is refused before it is queued."""
    writer.refused(key, lane, lane.number(key), refusal)


class Database:
    """Stands for `chat.write`: each batch waits until the test says what comes of it."""

    def __init__(self) -> None:
        self.batches: queue.Queue[list[str]] = queue.Queue()
        self.outcomes: queue.Queue[Callable[[PostMessage], Result]] = queue.Queue()

    def write(self, actions: Sequence[Action]) -> list[Result]:
        posts = [action for action in actions if isinstance(action, PostMessage)]
        self.batches.put([action.key for action in posts])
        outcome = self.outcomes.get(timeout=20)
        return [outcome(action) for action in posts]

    async def batch(self) -> list[str]:
        return await asyncio.to_thread(self.batches.get, timeout=20)


def stored(action: PostMessage) -> Result:
    return Posted(seq=1, at=1, repeat=False)


def refused(action: PostMessage) -> Result:
    return Unavailable("busy", retry_after=1.0)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database()
    monkeypatch.setattr(module, "write", database.write)
    return database


@pytest.fixture
async def make_writer(database: Database) -> Iterator[Callable[..., Writer]]:
    made: list[Writer] = []

    def make(max_waiting: int = 100, max_batch: int = 10) -> Writer:
        made.append(Writer(asyncio.get_running_loop(), max_waiting, max_batch))
        return made[-1]

    yield make
    for writer in made:
        database.outcomes.put(stored)
        await asyncio.to_thread(writer.stop)


async def test_what_is_sent_while_a_transaction_runs_shares_the_next(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    first = submit(writer, post("a"), lane)
    assert await database.batch() == ["a"]
    others = [submit(writer, post(key), lane) for key in "bcd"]
    database.outcomes.put(stored)
    assert await database.batch() == ["b", "c", "d"]
    assert first.done()
    assert not others[0].done()
    database.outcomes.put(stored)
    assert await asyncio.gather(*others) == [Posted(1, 1, False)] * 3


async def test_what_comes_in_the_same_turn_of_the_loop_shares_the_transaction_of_the_first(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    submit(writer, post("a"), lane)
    with pytest.raises(queue.Empty):  # the loop stands still here, and a thread has time to begin
        database.batches.get(timeout=0.05)
    submit(writer, post("b"), lane)
    assert await database.batch() == ["a", "b"]
    database.outcomes.put(stored)


async def test_a_batch_is_no_longer_than_its_limit(make_writer: Callable[..., Writer], database: Database) -> None:
    writer, lane = make_writer(max_batch=2), Lane()
    submit(writer, post("a"), lane)
    await database.batch()
    for key in "bcd":
        submit(writer, post(key), lane)
    database.outcomes.put(stored)
    assert await database.batch() == ["b", "c"]
    database.outcomes.put(stored)
    assert await database.batch() == ["d"]
    database.outcomes.put(stored)


async def test_a_batch_says_no_more_than_half_of_what_may_wait_for_a_socket(
    make_writer: Callable[..., Writer], database: Database, settings: Any
) -> None:
    settings.TEAHOUSE = {"QUEUE_BYTES": 4000}
    writer, lane = make_writer(), Lane()
    submit(writer, post("a"), lane)
    await database.batch()
    texts = {"b": "x" * 700, "c": "x" * 700, "d": "x" * 700, "e": "\x01" * 700, "f": "hello", "g": "hello"}
    for key, text in texts.items():
        submit(writer, post(key, text), lane)
    for expected in (["b", "c"], ["d"], ["e"], ["f", "g"]):
        database.outcomes.put(stored)
        assert await database.batch() == expected
    database.outcomes.put(stored)


async def test_a_full_queue_refuses_at_once(make_writer: Callable[..., Writer], database: Database) -> None:
    writer = make_writer(max_waiting=1)
    submit(writer, post("a"), Lane())
    await database.batch()
    submit(writer, post("b"), Lane())
    refusal = submit(writer, post("c"), Lane()).result()
    assert isinstance(refusal, Overloaded)
    assert refusal.retry_after
    database.outcomes.put(stored)
    database.outcomes.put(stored)


async def test_after_a_refusal_later_posts_of_the_lane_wait_for_the_refused_one(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane, other_lane = make_writer(), Lane(), Lane()
    first = submit(writer, post("a"), lane)
    await database.batch()
    queued = submit(writer, post("b"), lane)
    elsewhere = submit(writer, post("x"), other_lane)
    database.outcomes.put(refused)
    assert await database.batch() == ["x"]
    database.outcomes.put(stored)
    results = await asyncio.gather(first, queued, elsewhere)
    assert [isinstance(result, TeahouseError) for result in results] == [True, True, False]
    assert isinstance(submit(writer, post("c"), lane).result(), Unavailable)
    again = [submit(writer, post(key), lane) for key in "abc"]
    keys = await database.batch()
    database.outcomes.put(stored)
    if keys != ["a", "b", "c"]:
        keys += await database.batch()
        database.outcomes.put(stored)
    assert keys == ["a", "b", "c"]
    assert await asyncio.gather(*again) == [Posted(1, 1, False)] * 3


async def test_a_lane_held_by_a_full_queue_opens_for_the_refused_key(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(max_waiting=0), Lane()
    assert isinstance(submit(writer, post("a"), lane).result(), Overloaded)
    writer._max_waiting = 10
    assert isinstance(submit(writer, post("b"), lane).result(), Overloaded)
    submit(writer, post("a"), lane)
    assert await database.batch() == ["a"]
    database.outcomes.put(stored)


async def test_a_lane_opens_when_what_has_to_come_first_is_refused_for_good_at_the_door(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    refuse(writer, "a", lane, RateLimited("wait", retry_after=1.0))
    assert isinstance(submit(writer, post("b"), lane).result(), RateLimited)
    refuse(writer, "a", lane, NotAllowed("no"))
    submit(writer, post("b"), lane)
    assert await database.batch() == ["b"]
    database.outcomes.put(stored)


async def test_of_two_posts_that_are_refused_for_now_at_the_door_the_first_comes_first(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    for key in "ab":
        refuse(writer, key, lane, Unavailable("busy", retry_after=1.0))
    assert isinstance(submit(writer, post("b"), lane).result(), Unavailable)
    submit(writer, post("a"), lane)
    assert await database.batch() == ["a"]
    database.outcomes.put(stored)


async def test_nothing_said_after_a_refused_post_stands_in_front_when_it_is_sent_again(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane, other_lane = make_writer(max_batch=1), Lane(), Lane()
    first = submit(writer, post("a"), lane)
    await database.batch()
    elsewhere = submit(writer, post("x"), other_lane)
    behind = submit(writer, post("b"), lane)
    database.outcomes.put(refused)
    assert isinstance(await first, Unavailable)
    assert await database.batch() == ["x"]
    again = submit(writer, post("a"), lane)
    database.outcomes.put(stored)
    assert await database.batch() == ["a"]
    database.outcomes.put(stored)
    assert isinstance(await behind, Unavailable)
    assert await asyncio.gather(elsewhere, again) == [Posted(1, 1, False)] * 2


async def test_what_the_writer_refuses_comes_again_before_what_was_refused_at_the_door(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(max_waiting=1), Lane()
    first = submit(writer, post("a"), lane)
    await database.batch()
    second = submit(writer, post("b"), lane)
    assert isinstance(submit(writer, post("c"), lane).result(), Overloaded)
    database.outcomes.put(refused)
    assert [type(result) for result in await asyncio.gather(first, second)] == [Unavailable] * 2
    assert isinstance(submit(writer, post("c"), lane).result(), Unavailable)
    again = submit(writer, post("a"), lane)
    assert await database.batch() == ["a"]
    database.outcomes.put(stored)
    assert await again == Posted(1, 1, False)


async def test_a_writer_survives_what_it_did_not_expect(
    make_writer: Callable[..., Writer], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(action: PostMessage) -> Result:
        raise ZeroDivisionError

    writer, lane = make_writer(), Lane()
    first = submit(writer, post("a"), lane)
    database.outcomes.put(explode)
    assert isinstance(await first, InternalError)
    second = submit(writer, post("b"), lane)
    database.outcomes.put(stored)
    assert await second == Posted(1, 1, False)
    assert "hello" not in caplog.text


async def test_finish_waits_for_the_transaction_under_way_and_for_what_is_queued(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    first = submit(writer, post("a"), lane)
    await database.batch()
    second = submit(writer, post("b"), lane)
    finishing = asyncio.ensure_future(writer.finish())
    database.outcomes.put(stored)
    await first
    assert not finishing.done()
    database.outcomes.put(stored)
    await finishing
    assert second.done()


async def test_a_send_that_its_sender_gave_up_is_written_and_keeps_nobody_waiting(
    make_writer: Callable[..., Writer], database: Database
) -> None:
    writer, lane = make_writer(), Lane()
    given_up = submit(writer, post("a"), lane)
    await database.batch()
    other = submit(writer, post("b"), lane)
    given_up.cancel()
    database.outcomes.put(stored)
    database.outcomes.put(stored)
    assert await other == Posted(1, 1, False)
    await writer.finish()


async def test_what_is_refused_at_the_door_keeps_no_end_waiting(make_writer: Callable[..., Writer]) -> None:
    writer = make_writer(max_waiting=0)
    assert isinstance(await submit(writer, post("a"), Lane()), Overloaded)
    await asyncio.wait_for(writer.finish(), 20)


async def test_a_stopped_writer_refuses(make_writer: Callable[..., Writer]) -> None:
    writer = make_writer()
    await asyncio.to_thread(writer.stop)
    assert isinstance(submit(writer, post("a"), Lane()).result(), Overloaded)
