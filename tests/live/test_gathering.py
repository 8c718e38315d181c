"""Tests of `teahouse.live.gathering`: questions of one moment share a read, and a failing one fails alone."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from teahouse.errors import Unavailable
from teahouse.live.gathering import MAX_LOOKS, MAX_TOGETHER, Gathering
from teahouse.live.threads import Readers


@pytest.fixture
def readers() -> Iterator[Readers]:
    readers = Readers(1)
    yield readers
    readers.stop()


class Book:
    """Doubles numbers, and remembers what it was asked together."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def read(self, questions: Sequence[int]) -> list[int]:
        self.asked.append(list(questions))
        if 13 in questions:
            raise ValueError("nobody asks for 13")
        return [2 * question for question in questions]


async def test_questions_of_one_moment_share_a_read_and_get_their_own_answers(readers: Readers) -> None:
    book = Book()
    gathering = Gathering(readers, book.read)
    assert await asyncio.gather(*map(gathering.ask, range(10))) == [2 * number for number in range(10)]
    assert book.asked == [list(range(10))]


async def test_what_is_asked_during_a_read_shares_the_next_one(readers: Readers) -> None:
    book = Book()
    gathering = Gathering(readers, book.read)
    first = asyncio.ensure_future(gathering.ask(1))
    for _ in range(2):  # it asks, and its read begins
        await asyncio.sleep(0)
    assert await asyncio.gather(first, gathering.ask(2), gathering.ask(3)) == [2, 4, 6]
    assert book.asked == [[1], [2, 3]]


async def test_who_comes_while_others_come_shares_their_read_but_not_for_ever(readers: Readers) -> None:
    book = Book()
    gathering = Gathering(readers, book.read)
    asked = []
    numbers = list(range(100, 100 + 3 * MAX_LOOKS))
    for number in numbers:
        asked.append(asyncio.ensure_future(gathering.ask(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*asked)
    assert 2 < len(book.asked[0]) <= MAX_LOOKS + 1
    assert [number for together in book.asked for number in together] == numbers


async def test_one_read_takes_no_more_than_so_many(readers: Readers) -> None:
    book = Book()
    gathering = Gathering(readers, book.read)
    await asyncio.gather(*map(gathering.ask, range(100, 100 + MAX_TOGETHER + 1)))
    assert [len(asked) for asked in book.asked] == [MAX_TOGETHER, 1]


async def test_a_question_that_breaks_the_read_fails_alone(readers: Readers) -> None:
    gathering = Gathering(readers, Book().read)
    answers = await asyncio.gather(*map(gathering.ask, (12, 13, 14)), return_exceptions=True)
    assert answers[0] == 24
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 28


async def test_a_database_that_is_gone_is_not_asked_for_each_one(readers: Readers) -> None:
    asked: list[int] = []

    def read(questions: Sequence[int]) -> list[int]:
        asked.append(len(questions))
        raise Unavailable("the database does not answer")

    gathering = Gathering(readers, read)
    answers = await asyncio.gather(*map(gathering.ask, range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert asked == [3]


async def test_who_no_longer_waits_is_not_asked_for(readers: Readers) -> None:
    book = Book()
    gathering = Gathering(readers, book.read)
    gone = asyncio.ensure_future(gathering.ask(1))
    await asyncio.sleep(0)
    gone.cancel()
    assert await gathering.ask(2) == 4
    assert book.asked == [[2]]
