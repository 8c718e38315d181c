"""Tests of `teahouse.checks.start`: when a server that starts has itself looked at."""

from teahouse.checks.start import LATEST_SECONDS, QUIET_SECONDS, is_time


def test_a_look_waits_until_nobody_came_for_a_while() -> None:
    assert not is_time(100.0, 100.0, 100.0)
    assert not is_time(109.0, 100.0, 109.0 - QUIET_SECONDS / 2)
    assert is_time(109.0, 100.0, 109.0 - QUIET_SECONDS)


def test_a_look_does_not_wait_for_ever() -> None:
    assert not is_time(100.0 + LATEST_SECONDS - 1, 100.0, 100.0 + LATEST_SECONDS - 1)
    assert is_time(100.0 + LATEST_SECONDS, 100.0, 100.0 + LATEST_SECONDS)
