"""Tests of `teahouse.live.lanes`."""

from teahouse.chat.actions import AskAgain
from teahouse.errors import Overloaded
from teahouse.live.lanes import Lane

FULL = Overloaded("full", retry_after=1.0)
ANEW = AskAgain("rights changed")


def test_an_open_lane_lets_every_key_pass() -> None:
    lane = Lane()
    assert lane.is_open
    assert lane.refusal("a") is None


def test_what_is_said_after_a_refused_key_is_refused_alike() -> None:
    lane = Lane()
    before, first, after = lane.number("before"), lane.number("a"), lane.number("b")
    lane.hold("a", FULL, first)
    assert lane.refusal("b", after) is lane.refusal("new") is FULL
    assert lane.refusal("a") is None
    assert lane.refusal("before", before) is None


def test_a_key_that_came_anew_and_was_then_refused_at_the_door_is_held_for_that_alone() -> None:
    lane = Lane()
    first = lane.number("a")
    lane.hold("a", ANEW, first)
    lane.hold("a", FULL, first)
    assert lane.refusal("b") is FULL
    lane.release("a")
    assert lane.is_open


def test_only_the_refused_key_opens_the_lane_again() -> None:
    lane = Lane()
    lane.hold("a", FULL, lane.number("a"))
    lane.release("b")
    assert lane.refusal("b") is FULL
    lane.release("a")
    assert lane.is_open


def test_a_refused_key_that_comes_again_has_its_old_number() -> None:
    lane = Lane()
    first = lane.number("a")
    lane.hold("a", FULL, first)
    assert lane.number("b") > first
    assert lane.number("a") == first


def test_of_those_that_the_sender_was_told_of_the_earliest_counts() -> None:
    for order in ("ab", "ba"):
        lane = Lane()
        numbers = {key: lane.number(key) for key in "ab"}
        for key in order:
            lane.hold(key, FULL, numbers[key])
        assert lane.refusal("b", numbers["b"]) is FULL
        lane.release("a")
        assert lane.is_open


def test_what_is_asked_anew_lets_nothing_pass_that_came_after_one_the_sender_was_told_of() -> None:
    lane = Lane()
    anew, between, told, after = (lane.number(key) for key in ("anew", "between", "told", "after"))
    lane.hold("told", FULL, told)
    lane.hold("anew", ANEW, anew)
    assert lane.refusal("between", between) is ANEW
    lane.release("anew")
    assert lane.refusal("between", between) is None
    assert lane.refusal("after", after) is FULL
    lane.release("told")
    assert lane.is_open
