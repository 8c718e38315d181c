"""The time as the tables write it."""

import time
from datetime import UTC, datetime

import pytest

from teahouse.chat.clock import moment, now


def test_now_is_whole_milliseconds_since_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_795_360_000_123_999_999)
    assert now() == 1_795_360_000_123


def test_a_moment_knows_its_zone() -> None:
    assert moment(1_795_360_000_500) == datetime(2026, 11, 22, 15, 6, 40, 500_000, tzinfo=UTC)
