"""Bringing followers level: nothing past the end of a right before it was asked again, and nothing lost otherwise."""

import asyncio
import random
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.errors import NoSuchRoom, Unavailable
from teahouse.live.catch_up import UNASKED, bring_level
from teahouse.live.frames import Batch, Frame, Growth, Start
from teahouse.live.hub import Channel, Hub
from teahouse.protocol.events import EVERYBODY
from tests.chat.picture import Picture
from tests.live.model_log import ModelLog, ModelReaders, settle


class Person:
    """A follower with a right in the room, who notes whenever it is handed something that it must not have."""

    def __init__(self, hub: Hub, log: ModelLog, uid: str) -> None:
        self.hub, self.log, self.uid = hub, log, uid
        self.picture = Picture()
        self.channel: Channel | None = None
        self.rights = log.head
        self.paging = asyncio.Lock()
        self.ended: list[str] = []
        self.wrong: list[int] = []
        self.asked = 0
        self.turns = 1
        self.following: asyncio.Task[None] | None = None

    def hear(self, batch: Batch) -> None:
        for frame in batch.frames:
            self.page(frame)

    def page(self, frame: Frame) -> None:
        self._look_at(frame.upto)
        if self.picture.apply(frame.event) == "missing":
            self.lose()

    def start_anew(self, start: Start) -> None:
        self._look_at(start.event.upto)
        self.picture.apply(start.event)

    async def ready(self) -> None:
        for _ in range(self.turns):
            await asyncio.sleep(0)

    def must_ask(self, frame: Frame) -> bool:
        concerned = self.uid in frame.rights or EVERYBODY in frame.rights
        return concerned and frame.upto > self.rights

    def suspend(self, epoch: str, seq: int) -> None:
        self.rights = UNASKED
        self._follow(epoch, seq)

    async def ask_rights(self) -> None:
        """As the tables are asked: first the number, some turns later whether the person is in."""
        self.asked += 1
        number = self.log.head
        await asyncio.sleep(0)
        if self.uid in self.log.out:
            raise NoSuchRoom("out")
        await asyncio.sleep(0)
        self.rights = number

    def lose(self) -> None:
        self._follow(self.picture.epoch, self.picture.position)

    def dismiss(self, code: str, text: str) -> None:
        self.ended.append(code)

    async def watch(self) -> None:
        """As a client that says `watch`: its right is asked, then it is brought level."""
        self.picture = Picture()
        self.rights = UNASKED
        await self._bring_level(None, None)

    def watch_again(self) -> None:
        if self.following is not None:
            self.following.cancel()
        self.following = asyncio.ensure_future(self.watch())

    def lie(self) -> None:
        """As a client that says `watch` with a position that it has not reached; what it asked before still counts."""
        self.picture.epoch, self.picture.position = self.log.epoch, (self.picture.position or 0) + 1
        self._follow(self.picture.epoch, self.picture.position)

    def come_back(self) -> None:
        """As a client that says `watch` with its position."""
        self.rights = UNASKED
        self._follow(self.picture.epoch, self.picture.position)

    def _follow(self, epoch: str | None, seq: int | None) -> None:
        if self.following is not None:
            self.following.cancel()
        self.following = asyncio.ensure_future(self._bring_level(epoch, seq))

    async def _bring_level(self, epoch: str | None, seq: int | None) -> None:
        if self.channel is not None:
            self.channel.leave(self)
        try:
            await bring_level(self.hub, self.log.room, self, epoch, seq)
        except NoSuchRoom as refusal:
            self.dismiss(refusal.code, refusal.text)

    def _look_at(self, upto: int) -> None:
        """Note a number past the end of this person's right, when the log has not let them in since."""
        last = max((seq for seq, who in self.log.ends.items() if who == self.uid), default=0)
        if self.uid in self.log.out and upto > last:
            self.wrong.append(upto)


class House:
    def __init__(self) -> None:
        self.log = ModelLog()
        self.readers = ModelReaders(self.log)
        self.hub = Hub(self.readers, self._before_opening)  # type: ignore[arg-type]

    async def _before_opening(self, log_id: int) -> None:
        await asyncio.sleep(0)

    async def person(self, uid: str) -> Person:
        person = Person(self.hub, self.log, uid)
        await person.watch()
        return person


@pytest.fixture
def house() -> House:
    return House()


async def test_who_is_shut_out_hears_that_and_nothing_more(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    house.hub.take(house.log.post("one"))
    house.hub.take(house.log.shut_out("ann"))
    house.hub.take(house.log.post("two"))
    await settle()
    assert (ann.picture.position, ann.picture.texts(), ann.ended) == (2, ["one"], ["no_such_room"])
    assert (bob.picture.position, bob.picture.texts(), bob.ended) == (3, ["one", "two"], [])
    assert bob.asked == 1, "it was about Ann alone"


async def test_one_batch_is_cut_where_a_right_ends(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    house.log.post("one")
    house.log.shut_out("ann")
    house.log.post("two")
    house.hub.take(house.log.growth(0))
    await settle()
    assert (ann.picture.position, bob.picture.position) == (2, 3)
    assert (ann.wrong, ann.ended) == ([], ["no_such_room"])


async def test_whose_right_still_stands_goes_on_where_the_batch_was_cut(house: House) -> None:
    ann = await house.person("ann")
    house.log.post("one")
    house.log.change_rights(EVERYBODY)
    house.log.post("two")
    house.hub.take(house.log.growth(0))
    assert ann.picture.position == 2, "it is asked first"
    house.hub.take(house.log.post("three"))
    await settle()
    assert (ann.picture.texts(), ann.ended, ann.asked) == (["one", "two", "three"], [], 2)


async def test_who_was_asked_after_the_right_changed_is_not_asked_for_that_once_more(house: House) -> None:
    growth = house.log.change_rights("ann")
    ann = await house.person("ann")
    house.hub.take(growth)
    await settle()
    assert ann.asked == 1


async def test_a_page_from_the_log_is_cut_where_a_right_ends(house: House) -> None:
    """Also what this process never heard of: another one removed the person."""
    ann = Person(house.hub, house.log, "ann")
    ann.picture.epoch, ann.picture.position = house.log.epoch, 0
    house.log.post("one")
    house.log.shut_out("ann")
    house.log.post("two")
    await ann._bring_level(house.log.epoch, 0)
    assert (ann.picture.position, ann.picture.texts(), ann.ended, ann.wrong) == (2, ["one"], ["no_such_room"], [])


async def test_a_newest_page_that_was_read_after_the_right_ended_is_not_handed_over(house: House) -> None:
    ann = Person(house.hub, house.log, "ann")  # the right was asked now, and ends before the page is read
    house.log.shut_out("ann")
    house.log.post("secret")
    await ann._bring_level(None, None)
    assert (ann.picture.texts(), ann.ended, ann.wrong) == ([], ["no_such_room"], [])


@pytest.mark.parametrize("is_open", [True, False])
async def test_who_claims_to_stand_past_the_end_of_their_right_is_asked_first(house: House, is_open: bool) -> None:
    """A client that guesses the number of its removal skips the very entry that would have it asked."""
    if is_open:  # what the hub heard is not read from the log
        await house.person("bob")
    ann = Person(house.hub, house.log, "ann")  # the right was asked now, and ends before the answer is used
    house.hub.take(house.log.post("one"))
    house.hub.take(house.log.shut_out("ann"))
    ann.picture.epoch, ann.picture.position = house.log.epoch, 2
    await ann._bring_level(house.log.epoch, 2)
    house.hub.take(house.log.post("two"))
    await settle()
    assert (ann.picture.texts(), ann.ended, ann.wrong) == ([], ["no_such_room"], [])


async def test_what_was_claimed_is_read_once_the_log_came_there(house: House) -> None:
    ann = Person(house.hub, house.log, "ann")
    for text in ("one", "two", "three"):
        house.log.post(text)
    ann.picture.epoch, ann.picture.position = house.log.epoch, 2
    await ann._bring_level(house.log.epoch, 2)
    assert (ann.picture.texts(), ann.ended, ann.asked) == (["three"], [], 1)


async def test_who_claims_to_stand_past_the_log_begins_anew(house: House) -> None:
    ann = Person(house.hub, house.log, "ann")
    house.log.post("one")
    await ann._bring_level(house.log.epoch, 2)
    assert ann.picture.texts() == ["one"]


async def test_nothing_is_handed_over_while_an_answer_does_not_come(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.person("ann")
    answer = asyncio.Event()
    monkeypatch.setattr(ann, "ask_rights", partial(_wait_and_ask, ann, answer))
    house.hub.take(house.log.change_rights("ann"))
    house.hub.take(house.log.post("meanwhile"))
    await settle()
    assert ann.picture.position == 1
    answer.set()
    await settle()
    assert ann.picture.texts() == ["meanwhile"]


async def _wait_and_ask(person: Person, answer: asyncio.Event) -> None:
    await answer.wait()
    person.rights = person.log.head


async def test_an_answer_that_fails_for_now_ends_the_following_with_that(house: House) -> None:
    ann = Person(house.hub, house.log, "ann")
    ann.rights = UNASKED

    async def fail() -> None:
        raise Unavailable("no answer")

    ann.ask_rights = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await bring_level(house.hub, house.log.room, ann, None, None)


STEPS = st.lists(
    st.sampled_from(
        ["post", "post", "out", "in", "all", "watch", "return", "lie", "ring", "wait", "wait", "wait", "sweep"]
    ),
    max_size=60,
)


@settings(max_examples=300)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_whatever_comes_when_nobody_hears_past_the_end_of_a_right(steps: list[str], seed: int) -> None:
    asyncio.run(_live_through(steps, random.Random(seed)))


def _grow(log: ModelLog, step: str, uid: str) -> Growth:
    if step == "post":
        return log.post(f"text {log.head}")
    if step == "all":
        return log.change_rights(EVERYBODY)
    return log.shut_out(uid) if step == "out" else log.let_in(uid)


async def _live_through(steps: list[str], chance: random.Random) -> None:
    house = House()
    log = house.log
    people = [await house.person(uid) for uid in ("ann", "bob")]
    rung: list[Growth] = []
    for step in steps:
        house.readers.turns = chance.choice([0, 1, 3])
        for person in people:
            person.turns = chance.choice([0, 1, 5])
        if step in ("post", "out", "in", "all"):
            rung.append(_grow(log, step, chance.choice(["ann", "bob"])))
        elif step in ("watch", "return", "lie"):
            person = chance.choice(people)
            {"watch": person.watch_again, "return": person.come_back, "lie": person.lie}[step]()
        elif step == "ring":
            chance.shuffle(rung)
            for growth in rung[: len(rung) // 2 + 1]:
                house.hub.take(growth)
            rung = rung[len(rung) // 2 + 1 :]
        elif step == "sweep":
            house.hub.take(Growth(7, log.epoch, log.head))
        else:
            await asyncio.sleep(0)
    house.hub.take(Growth(7, log.epoch, log.head))
    await settle()
    for person in people:
        assert not person.wrong, "handed over past the end of the right"
        if person.uid not in log.out:
            await person.watch()  # who was sent away meanwhile and is in again comes back
            await settle()
            house.hub.take(log.post("last"))
            await settle()
            assert person.picture.position == log.head
            assert person.picture.texts()[-1] == "last"
