"""Tests of `teahouse.checks.start`: when a server that starts has itself looked at."""

import pytest
from pytest_django import Settings

from teahouse.checks import start
from teahouse.checks.registry import Looks
from teahouse.checks.start import LATEST_SECONDS, QUIET_SECONDS, is_time


class Begun(Exception):
    """A look began."""


@pytest.mark.parametrize("doctor", [True, False])
def test_nobody_looks_where_the_settings_say_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, doctor: bool
) -> None:
    def begin() -> None:
        raise Begun

    settings.TEAHOUSE = {"DOCTOR": doctor}
    monkeypatch.setattr(start, "_last_call", float("-inf"))
    monkeypatch.setattr(start, "this_project", begin)
    start._look(None, Looks.AT_SETTINGS)
    assert ("could not look" in caplog.text) is doctor


def test_a_look_waits_until_nobody_came_for_a_while() -> None:
    assert not is_time(100.0, 100.0, 100.0)
    assert not is_time(109.0, 100.0, 109.0 - QUIET_SECONDS / 2)
    assert is_time(109.0, 100.0, 109.0 - QUIET_SECONDS)


def test_a_look_does_not_wait_for_ever() -> None:
    assert not is_time(100.0 + LATEST_SECONDS - 1, 100.0, 100.0 + LATEST_SECONDS - 1)
    assert is_time(100.0 + LATEST_SECONDS, 100.0, 100.0 + LATEST_SECONDS)
