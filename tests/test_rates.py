"""Tests of `teahouse.rates`: never more than the pace in any window, always that many, and an exact time to wait."""

import threading
from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.rates import Pace, Rate

SECOND = 1_000_000_000

PACES = st.builds(
    Pace, st.floats(0.001, 100_000, allow_nan=False) | st.sampled_from([1, 3, 7.0, 10]), st.integers(1, 50)
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 5 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_passes_at_once_and_the_next_one_waits_for_its_share_of_a_second(clock: Clock) -> None:
    rate = Rate(Pace(10, 3), clock)
    assert [rate.take("ann") for _ in range(5)] == [0, 0, 0, SECOND // 10, SECOND // 10]
    clock.now += SECOND // 10 - 1
    assert rate.take("ann") == 1
    clock.now += 1
    assert [rate.take("ann") for _ in range(2)] == [0, SECOND // 10]


def test_who_was_silent_long_enough_may_take_the_whole_burst_again_and_no_more(clock: Clock) -> None:
    rate = Rate(Pace(10, 3), clock)
    for _ in range(3):
        rate.take("ann")
    clock.now += 1000 * SECOND
    assert [bool(rate.take("ann")) for _ in range(4)] == [False, False, False, True]


def test_one_key_takes_nothing_of_another(clock: Clock) -> None:
    rate = Rate(Pace(1, 1), clock)
    assert [rate.take(key) for key in ("ann", "bob", ("ann", "tea"))] == [0, 0, 0]


def test_what_is_given_back_may_be_taken_again(clock: Clock) -> None:
    rate = Rate(Pace(1, 2), clock)
    rate.give_back("nobody")
    for _ in range(2):
        rate.take("ann")
    rate.give_back("ann")
    assert [rate.take("ann") for _ in range(2)] == [0, SECOND]


@given(
    pace=PACES,
    asks=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0, 1, 2]) | st.floats(0, 3)), max_size=200),
)
def test_no_window_holds_more_than_the_burst_and_its_share(pace: Pace, asks: list[tuple[str, float]]) -> None:
    clock = Clock()
    rate = Rate(pace, clock)
    taken: dict[str, list[int]] = defaultdict(list)
    for key, steps in asks:
        clock.now += int(steps * pace.interval)
        if not rate.take(key):
            taken[key].append(clock.now)
    for times in taken.values():
        for first, start in enumerate(times):
            for last in range(first, len(times)):
                seconds = Fraction(times[last] - start, SECOND)
                assert last - first + 1 <= pace.burst + Fraction(pace.per_second) * seconds


@given(pace=PACES, asks=st.lists(st.floats(0, 3), max_size=200))
def test_whoever_keeps_within_the_burst_and_the_rate_is_never_refused(pace: Pace, asks: list[float]) -> None:
    clock = Clock()
    rate = Rate(pace, clock)
    left, filled_at = float(pace.burst), clock.now
    for steps in asks:
        clock.now += int(steps * pace.interval)
        # What a bucket of tokens would hold, filled at the pace.
        left, filled_at = min(pace.burst, left + (clock.now - filled_at) / pace.interval), clock.now
        wait = rate.take("a")
        if left >= 1 + 1e-6:
            assert wait == 0
        if wait == 0:
            left -= 1


@given(pace=PACES, asks=st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_at_the_time_that_it_says_it_works_and_not_before(pace: Pace, asks: list[float]) -> None:
    clock = Clock()
    rate = Rate(pace, clock)
    for steps in asks:
        clock.now += int(steps * pace.interval)
        wait = rate.take("a")
        if wait:
            clock.now += wait - 1
            assert rate.take("a") == 1
            clock.now += 1
            assert rate.take("a") == 0


@given(
    asks=st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 12)), max_size=100),
    burst=st.integers(1, 8),
)
def test_forgetting_changes_no_answer(asks: list[tuple[str, float]], burst: int) -> None:
    clock = Clock()
    forgets = Rate(Pace(1, burst), clock)
    due = dict.fromkeys("abcdef", 0)
    for key, seconds in asks:
        clock.now += int(seconds * SECOND)
        pace = forgets.pace
        after = pace.take(due[key], clock.now)
        assert forgets.take(key) == max(0, -after)
        if after > 0:
            due[key] = after


def test_whoever_has_paid_all_back_is_forgotten(clock: Clock) -> None:
    rate = Rate(Pace(10, 10), clock)
    for number in range(1000):
        rate.take(number)
    assert len(rate) == 1000
    clock.now += SECOND
    rate.take("ann")
    clock.now += SECOND
    rate.take("ann")
    assert len(rate) <= 2
    for number in range(10_000):  # one new address each millisecond
        clock.now += SECOND // 1000
        rate.take(number)
    assert len(rate) <= 2 * 1000 + 2


def test_threads_together_get_no_more_than_one_would(clock: Clock) -> None:
    rate = Rate(Pace(1, 1000), clock)
    taken: list[int] = []

    def take() -> None:
        taken.extend(1 for _ in range(500) if not rate.take("ann"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1000


@pytest.mark.parametrize(
    ("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1), (1, float("nan")), (2e9, 1)]
)
def test_a_pace_that_lets_nothing_through_is_an_error(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="let nothing through"):
        Pace(per_second, burst)
