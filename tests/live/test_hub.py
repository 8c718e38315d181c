"""Tests of `teahouse.live.hub` and `teahouse.live.catch_up`: whatever the doorbell does, pictures equal the log."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.live.catch_up import bring_level
from teahouse.live.frames import Batch, Frame, Growth, Start
from teahouse.live.hub import LINGER_SECONDS, Channel, Hub
from tests.chat.picture import Picture
from tests.live.model_log import PAGE, ModelLog, ModelReaders, settle


class Follower:
    """A watcher that holds a picture, and asks again when it is told of a gap or finds one."""

    def __init__(self, hub: Hub, log: ModelLog) -> None:
        self.hub, self.log = hub, log
        self.picture = Picture()
        self.heard: list[Frame] = []
        self.batches: list[Batch] = []
        self.resets: list[str] = []
        self.dismissed: list[str] = []
        self.channel: Channel | None = None
        self.rights = 0
        self.paging = asyncio.Lock()

    def hear(self, batch: Batch) -> None:
        self.batches.append(batch)
        for frame in batch.frames:
            self.page(frame)

    def page(self, frame: Frame) -> None:
        self.heard.append(frame)
        if self.picture.apply(frame.event) != "applied":  # as the client's law has it
            self.picture = Picture()
            self.lose()

    def start_anew(self, start: Start) -> None:
        self.resets.append(start.event.reason)
        self.picture.apply(start.event)

    async def ready(self) -> None:
        await asyncio.sleep(0)

    def must_ask(self, frame: Frame) -> bool:
        return False

    def lose(self) -> None:
        self.again = asyncio.ensure_future(self.watch())

    def dismiss(self, code: str, text: str) -> None:
        self.dismissed.append(code)

    async def watch(self, whole: bool = False) -> None:
        if self.channel is not None:
            self.channel.leave(self)
        self.rights = self.log.head  # as whoever comes is asked first
        picture = self.picture
        await bring_level(self.hub, self.log.room, self, picture.epoch, picture.position, whole=whole)


class House:
    """A hub over a log in memory."""

    def __init__(self, log: ModelLog) -> None:
        self.log = log
        self.readers = ModelReaders(log)
        self.opened: list[int] = []
        self.hub = Hub(self.readers, self._before_opening)  # type: ignore[arg-type]

    async def _before_opening(self, log_id: int) -> None:
        self.opened.append(log_id)

    def follower(self) -> Follower:
        return Follower(self.hub, self.log)

    async def watching(self, count: int = 1) -> list[Follower]:
        followers = [self.follower() for _ in range(count)]
        await asyncio.gather(*(follower.watch() for follower in followers))
        return followers


@pytest.fixture
def house(log: ModelLog) -> House:
    return House(log)


def fresh(log: ModelLog) -> list[object]:
    picture = Picture()
    picture.apply(log.catch_up(log.room, None, None))
    return [*picture.shown(), picture.epoch, picture.position]


def seen(follower: Follower) -> list[object]:
    return [*follower.picture.shown(), follower.picture.epoch, follower.picture.position]


async def test_who_watches_without_a_position_gets_the_newest_page_and_then_all_that_comes(house: House) -> None:
    house.log.post("before")
    (follower,) = await house.watching()
    house.hub.take(house.log.post("after"))
    assert follower.resets == ["new"]
    assert follower.picture.texts() == ["before", "after"]


async def test_everyone_gets_the_same_frame(house: House) -> None:
    first, second = await house.watching(2)
    house.hub.take(house.log.post())
    assert first.heard[0] is second.heard[0]


async def test_a_room_is_opened_once_and_rung_for_before_it_is_read(house: House) -> None:
    await house.watching(5)
    assert house.opened == [7]
    assert house.log.asked[0] == "head_of"
    assert house.log.asked.count("head_of") == 1


async def test_equal_catch_ups_share_one_read(house: House) -> None:
    await house.watching(5)
    assert house.log.asked.count("catch_up") == 1


async def test_who_comes_back_is_served_from_the_ring_without_a_read(house: House) -> None:
    (follower,) = await house.watching()
    for number in range(3):
        house.hub.take(house.log.post(str(number)))
    back = house.follower()
    back.picture.epoch, back.picture.position = house.log.epoch, 1
    asked = len(house.log.asked)
    await back.watch()
    assert len(house.log.asked) == asked
    assert [frame.upto for frame in back.heard] == [2, 3]
    assert follower.heard[1] is back.heard[0]


async def test_five_hundred_who_come_back_at_once_after_the_ring_was_lost_cost_a_handful_of_reads(house: House) -> None:
    for number in range(5 * PAGE):
        house.log.post(str(number))
    await house.hub.open(house.log.room)
    house.readers.turns = 5
    back = [house.follower() for _ in range(500)]
    for follower in back:
        follower.picture.epoch, follower.picture.position = house.log.epoch, 0
    house.log.asked.clear()
    await asyncio.gather(*(follower.watch() for follower in back))
    assert house.log.asked == ["catch_up"] * 5, "one for each page"
    assert all(seen(follower) == fresh(house.log) for follower in back)
    pages = {tuple(map(id, follower.heard)) for follower in back}
    assert len(pages) == 1, "each page is encoded once for all"


async def test_what_one_read_after_the_ring_was_lost_serves_all_who_stood_later(house: House) -> None:
    for number in range(3):
        house.log.post(f"message {number}")
    await house.watching()
    house.log.asked.clear()
    for seq in (0, 1, 2):
        follower = house.follower()
        follower.picture.epoch, follower.picture.position = "e1", seq
        await follower.watch()
        assert follower.picture.position == 3
    assert house.log.asked == ["catch_up"]


async def test_a_read_from_before_a_deletion_is_not_kept_for_who_comes_back(house: House) -> None:
    house.log.post("secret")
    await house.watching()
    house.readers.turns = 5
    early = house.follower()
    early.picture.epoch, early.picture.position = "e1", 0
    house.log.asked.clear()
    reading = asyncio.ensure_future(early.watch())
    while not house.log.asked:  # noqa: ASYNC110 (the turns of the loop are the clock here)
        await asyncio.sleep(0)
    house.hub.take(house.log.delete(1))
    await reading
    await settle()
    frames = house.hub.channels[house.log.room.pk].frames_since("e1", 0)
    assert frames is None or not any("secret" in frame.text for frame in frames)


async def test_the_newest_page_is_read_once_for_all_who_come_until_the_room_grows(house: House) -> None:
    house.log.post("before")
    await house.watching()
    await house.watching()
    assert house.log.asked.count("catch_up") == 1
    house.hub.take(house.log.delete(1))
    (late,) = await house.watching()
    assert house.log.asked.count("catch_up") == 2
    assert seen(late) == fresh(house.log)
    assert late.heard == [], "the page itself says how things stand now"


async def test_the_newest_page_is_let_go_after_a_moment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teahouse.live.hub.SHARED_SECONDS", 0)
    await house.watching()
    await settle()
    assert house.hub.channels[7].reads == {}


async def test_a_read_that_failed_is_not_shared_with_who_asks_later(house: House) -> None:
    await house.hub.open(house.log.room)
    house.readers.fails = RuntimeError("no database")
    with pytest.raises(RuntimeError):
        await house.watching()
    house.readers.fails = None
    (follower,) = await house.watching()
    assert seen(follower) == fresh(house.log)


async def test_a_frame_that_is_missing_is_read_from_the_log(house: House) -> None:
    (follower,) = await house.watching()
    house.log.post("lost ring")
    house.hub.take(house.log.post("heard"))
    await settle()
    assert follower.picture.texts() == ["lost ring", "heard"]


async def test_a_ring_that_comes_twice_or_late_is_delivered_once(house: House) -> None:
    (follower,) = await house.watching()
    first, second = house.log.post("1"), house.log.post("2")
    for growth in (second, first, first, second):
        house.hub.take(growth)
    await settle()
    assert follower.picture.texts() == ["1", "2"]
    assert follower.picture.position == 2


async def test_an_empty_ring_is_enough(house: House) -> None:
    (follower,) = await house.watching()
    for number in range(10):
        house.log.post(str(number))
    house.hub.take(Growth(7, "e1", 10))
    await settle()
    assert len(follower.picture.texts()) == 10


async def test_frames_that_arrive_during_a_read_follow_it(house: House) -> None:
    (follower,) = await house.watching()
    house.log.post("missed")
    house.readers.turns = 20
    house.hub.take(house.log.post("heard"))
    await asyncio.sleep(0)
    asked = len(house.log.asked)
    house.hub.take(house.log.post("meanwhile"))
    await settle()
    assert follower.picture.texts() == ["missed", "heard", "meanwhile"]
    assert len(house.log.asked) <= asked + 1


async def test_what_is_committed_while_somebody_catches_up_is_not_missed(house: House) -> None:
    await house.watching()
    late = house.follower()
    late.picture.epoch, late.picture.position = house.log.epoch, 0
    house.hub.channels[7].ring.clear()
    house.readers.turns = 10
    watching = asyncio.ensure_future(late.watch())
    for number in range(5):
        await asyncio.sleep(0)
        house.hub.take(house.log.post(str(number)))
    await watching
    await settle()
    assert seen(late) == fresh(house.log)


async def test_what_comes_together_is_one_batch_in_the_order_of_the_log(house: House) -> None:
    (follower,) = await house.watching()
    frames = [frame for _ in range(5) for frame in house.log.post().frames]
    asked = len(house.log.asked)
    house.hub.take(Growth(7, "e1", 5, [frames[2], frames[0], frames[1], frames[1], frames[4], frames[3]]))
    await settle()
    assert [[frame.upto for frame in batch.frames] for batch in follower.batches] == [[1, 2, 3, 4, 5]]
    assert len(house.log.asked) == asked


async def test_a_watcher_that_fails_keeps_nobody_else_from_hearing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    broken, *others = await house.watching(3)
    assert broken.channel is not None
    broken.channel.watchers[broken] = fail
    house.hub.take(house.log.post())
    house.hub.take(house.log.post())
    assert [[frame.upto for frame in other.heard] for other in others] == [[1, 2], [1, 2]]
    assert "a watcher of room 7 missed" in caplog.text


def fail(batch: Batch) -> None:
    raise RuntimeError("broken")


async def test_who_leaves_hears_nothing_more(house: House) -> None:
    stays, leaves = await house.watching(2)
    assert leaves.channel is not None
    leaves.channel.leave(leaves)
    leaves.channel.leave(leaves)
    house.hub.take(house.log.post())
    assert (len(stays.heard), len(leaves.heard)) == (1, 0)


async def test_the_sweep_finds_what_nobody_rang_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teahouse.live.hub.ARRIVAL_SECONDS", 0)
    (follower,) = await house.watching()
    house.log.post("silent")
    house.hub.heads({7: ("e1", 1)}, [7])
    await settle()
    assert follower.picture.texts() == ["silent"]


async def test_the_sweep_does_not_read_what_arrives_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teahouse.live.hub.ARRIVAL_SECONDS", 0)
    await house.watching()
    growth = house.log.post()
    asked = len(house.log.asked)
    house.hub.heads({7: ("e1", 1)}, [7])
    house.hub.take(growth)
    await settle()
    assert len(house.log.asked) == asked


async def test_a_deleted_room_dismisses_its_watchers(house: House) -> None:
    (follower,) = await house.watching()
    house.hub.heads({}, [7])
    assert follower.dismissed == ["no_such_room"]
    assert house.hub.channels == {}


async def test_another_epoch_makes_everyone_start_anew(house: House) -> None:
    house.log.post("old")
    (follower,) = await house.watching()
    house.log.renew()
    house.hub.take(house.log.post("new"))
    await settle()
    assert follower.resets == ["new", "epoch"]
    assert seen(follower) == fresh(house.log)


async def test_a_late_ring_of_an_older_epoch_changes_nothing(house: House) -> None:
    late = house.log.post("old")
    house.log.renew()
    (follower,) = await house.watching()
    house.hub.take(late)
    await settle()
    assert follower.resets == ["new"]
    house.hub.take(house.log.post("new"))
    assert follower.picture.texts() == ["old", "new"]


async def test_a_failing_read_is_made_up_for_by_the_next_ring(house: House, caplog: pytest.LogCaptureFixture) -> None:
    (follower,) = await house.watching()
    house.readers.fails = RuntimeError("no database")
    house.log.post("1")
    house.hub.take(house.log.post("2"))
    await settle()
    assert follower.picture.texts() == []
    house.readers.fails = None
    house.hub.take(house.log.post("3"))
    await settle()
    assert follower.picture.texts() == ["1", "2", "3"]
    assert "could not read its log" in caplog.text


async def test_whoever_cannot_be_reset_reads_everything(house: House) -> None:
    for number in range(600):
        house.log.post(str(number))
    reader, other = house.follower(), house.follower()
    for follower in (reader, other):
        follower.picture.epoch, follower.picture.position = house.log.epoch, 0
    await reader.watch(whole=True)
    await other.watch()
    assert len(reader.picture.texts()) == 600
    assert reader.resets == []
    assert other.resets == ["behind"]


async def test_a_position_past_the_head_is_reset_alone(house: House) -> None:
    house.log.post()
    (level,) = await house.watching()
    ahead = house.follower()
    ahead.picture.epoch, ahead.picture.position = house.log.epoch, 99
    await ahead.watch()
    assert ahead.resets == ["ahead"]
    assert level.resets == ["new"]


async def test_a_room_that_nobody_watches_is_let_go_after_a_while(house: House) -> None:
    (follower,) = await house.watching()
    now = asyncio.get_running_loop().time()
    assert house.hub.close_idle(now + 10 * LINGER_SECONDS) == []
    assert follower.channel is not None
    follower.channel.watchers.clear()
    assert house.hub.close_idle(now + 10 * LINGER_SECONDS + 1) == []
    assert house.hub.close_idle(now + 12 * LINGER_SECONDS) == [7]


async def test_who_is_slow_on_the_way_into_a_room_that_is_let_go_meanwhile_hears_it_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, taken = house.follower(), asyncio.Event()
    monkeypatch.setattr(slow, "ready", taken.wait)
    house.log.post("before")
    await house.hub.open(house.log.room)
    watching = asyncio.ensure_future(slow.watch())
    await settle()
    assert house.hub.close_idle(asyncio.get_running_loop().time() + 2 * LINGER_SECONDS) == [7]
    taken.set()
    await watching
    house.hub.take(house.log.post("after"))
    await settle()
    assert slow.picture.texts() == ["before", "after"]


async def test_who_reads_while_the_room_is_let_go_hears_it_all_the_same(house: House) -> None:
    reader = house.follower()
    await house.hub.open(house.log.room)
    reader.picture.epoch, reader.picture.position = house.log.epoch, 1
    house.log.post("missed by the hub")
    house.readers.turns = 20
    watching = asyncio.ensure_future(reader.watch())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert house.hub.close_idle(asyncio.get_running_loop().time() + 2 * LINGER_SECONDS) == [7]
    await watching
    house.hub.take(house.log.post("after"))
    await settle()
    assert reader.picture.texts() == ["after"]


async def test_what_is_committed_while_the_room_opens_is_delivered_without_waiting_for_a_sweep(house: House) -> None:
    house.readers.turns = 20
    watching = asyncio.ensure_future(house.watching())
    for _ in range(4):
        await asyncio.sleep(0)
    assert house.log.asked == ["head_of"]
    house.hub.take(house.log.post("meanwhile"))
    (follower,) = await watching
    await settle()
    assert follower.picture.texts() == ["meanwhile"]
    assert house.hub.channels[7].position == 1
    assert not house.hub.listens_to(8)


async def test_a_room_that_could_not_be_opened_collects_nothing(house: House) -> None:
    house.readers.fails = RuntimeError("no database")
    with pytest.raises(RuntimeError):
        await house.watching()
    assert not house.hub.listens_to(7)


async def test_a_log_restored_behind_our_back_makes_its_watchers_start_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its epoch, as a copy of the database's files brings it back."""
    monkeypatch.setattr("teahouse.live.hub.ARRIVAL_SECONDS", 0)
    (follower,) = await house.watching()
    for number in range(5):
        house.hub.take(house.log.post(str(number)))
    house.hub.heads({7: ("e1", 5)}, [7])
    house.log.entries, house.log.messages = house.log.entries[:2], {n: house.log.messages[n] for n in (1, 2)}
    house.log.post("new history")
    house.hub.heads({7: ("e1", 3)}, [7])
    await settle()
    assert follower.resets == ["new", "ahead"]
    assert seen(follower) == fresh(house.log)
    late = house.follower()
    late.picture.epoch, late.picture.position = "e1", 2
    await late.watch()
    assert late.picture.texts() == ["new history"]


async def test_who_catches_up_finds_a_restored_log_before_the_sweep_does(house: House) -> None:
    await house.watching()
    for number in range(5):
        house.hub.take(house.log.post(str(number)))
    house.hub.channels[7].ring.clear()
    house.log.entries, house.log.messages = house.log.entries[:2], {n: house.log.messages[n] for n in (1, 2)}
    back = house.follower()
    back.picture.epoch, back.picture.position = "e1", 2
    async with asyncio.timeout(5):
        await back.watch()
    house.hub.take(house.log.post("new history"))
    assert back.picture.texts() == ["new history"]


async def test_a_sweep_that_looked_before_the_newest_was_delivered_reads_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.live.hub.ARRIVAL_SECONDS", 0)
    (follower,) = await house.watching()
    asked = len(house.log.asked)
    for number in range(1, 6):
        house.hub.take(house.log.post())
        house.hub.heads({7: ("e1", number - 1)}, [7])
        await settle()
    assert len(house.log.asked) == asked
    assert follower.resets == ["new"]


async def test_a_slow_socket_takes_one_page_at_a_time_however_many_rooms_it_watches(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.log.post()
    taken, paging, pages = asyncio.Event(), asyncio.Lock(), []

    def page(start: Start) -> None:
        pages.append(start)
        taken.clear()

    followers = [house.follower() for _ in range(3)]
    for follower in followers:
        monkeypatch.setattr(follower, "paging", paging)
        monkeypatch.setattr(follower, "ready", taken.wait)
        monkeypatch.setattr(follower, "start_anew", page)
    watching = asyncio.gather(*(follower.watch() for follower in followers))
    for count in range(1, 4):
        taken.set()
        await settle()
        assert len(pages) == count
    taken.set()
    await watching


STEPS = st.lists(
    st.sampled_from(["post", "post", "edit", "delete", "renew", "join", "rejoin", "sweep", "wait", "flush"]),
    max_size=40,
)


@settings(max_examples=150)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_whatever_the_doorbell_does_everyone_ends_with_the_picture_of_the_log(steps: list[str], seed: int) -> None:
    asyncio.run(_live_through(steps, random.Random(seed)))


async def _live_through(steps: list[str], chance: random.Random) -> None:
    """Rings are dropped, repeated and reordered by chance; at the end one sweep comes, as one always does."""
    log = ModelLog()
    house = House(log)
    followers = await house.watching(2)
    rung: list[Growth] = []
    for step in steps:
        if step in ("post", "edit", "delete", "renew"):
            rung += change(log, step, chance)
        elif step == "join":
            followers += await house.watching()
        elif step == "rejoin":
            await chance.choice(followers).watch()
        elif step == "sweep":
            house.hub.take(Growth(7, log.epoch, log.head))
        elif step == "wait":
            await asyncio.sleep(0)
        else:
            ring_badly(house.hub, rung, chance)
    await settle()
    house.hub.take(Growth(7, log.epoch, log.head))
    await settle()
    for follower in followers:
        assert seen(follower) == fresh(log)


def change(log: ModelLog, step: str, chance: random.Random) -> list[Growth]:
    if step == "renew":
        if chance.random() < 0.3:
            log.renew()
        return []
    if step == "post" or not log.messages:
        return [log.post(f"text {log.head}")]
    seq = chance.choice(sorted(log.messages))
    return [log.edit(seq, f"edited {log.head}") if step == "edit" else log.delete(seq)]


def gathered(rung: list[Growth], chance: random.Random) -> list[Growth]:
    """Some of them joined with the next of the same history, as commits that pile up are."""
    joined: list[Growth] = []
    for growth in rung:
        last = joined[-1] if joined else None
        if last is not None and last.epoch == growth.epoch and chance.random() < 0.5:
            upto, frames = max(last.upto, growth.upto), [*last.frames, *growth.frames]
            joined[-1] = Growth(growth.log_id, growth.epoch, upto, frames)
        else:
            joined.append(growth)
    return joined


def ring_badly(hub: Hub, rung: list[Growth], chance: random.Random) -> None:
    if chance.random() < 0.5:
        chance.shuffle(rung)
    rung[:] = gathered(rung, chance)
    chance.shuffle(rung)
    for growth in rung:
        for _ in range(chance.choice([0, 1, 1, 2])):
            hub.take(growth)
    rung.clear()
