"""Tests of `teahouse.live.lanes`."""

from teahouse.errors import Overloaded
from teahouse.live.lanes import Lane

FULL = Overloaded("full", retry_after=1.0)


def test_an_open_lane_lets_every_key_pass() -> None:
    assert Lane().refusal("a") is None


def test_a_held_lane_refuses_all_but_the_refused_key_alike() -> None:
    lane = Lane()
    lane.hold("a", FULL)
    assert lane.refusal("b") is FULL
    assert lane.refusal("a") is None


def test_only_the_refused_key_opens_the_lane_again() -> None:
    lane = Lane()
    lane.hold("a", FULL)
    lane.release("b")
    assert lane.refusal("b") is FULL
    lane.release("a")
    assert lane.refusal("b") is None


def test_what_is_refused_last_holds_the_lane() -> None:
    lane = Lane()
    lane.hold("b", FULL)
    lane.hold("a", FULL)
    assert lane.refusal("a") is None
    assert lane.refusal("b") is FULL
