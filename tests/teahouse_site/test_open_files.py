"""How many files the process may open, where the system does not simply give what it allows."""

import logging
import resource

import pytest

from teahouse_site import open_files


class Limits:
    """The system's answers: how many are allowed now and at most, and up to where it really lets one go."""

    RLIMIT_NOFILE, RLIM_INFINITY = resource.RLIMIT_NOFILE, resource.RLIM_INFINITY

    def __init__(self, soft: int, hard: int, up_to: int = 1 << 40) -> None:
        self.soft, self.hard, self.up_to = soft, hard, up_to

    def getrlimit(self, _: int) -> tuple[int, int]:
        return self.soft, self.hard

    def setrlimit(self, _: int, limits: tuple[int, int]) -> None:
        if limits[0] > self.up_to:
            raise ValueError("not allowed to raise maximum limit")
        assert limits[1] == self.hard, "the hard limit never comes back"
        self.soft = limits[0]


@pytest.mark.parametrize(
    ("limits", "soft", "warned"),
    [
        pytest.param(Limits(1024, 65_536), 65_536, False, id="raised to what is allowed"),
        pytest.param(Limits(1024, Limits.RLIM_INFINITY), 1 << 20, False, id="no more than enough"),
        pytest.param(Limits(1024, 1 << 30), 1 << 20, False, id="no more than enough in a container"),
        pytest.param(Limits(1 << 21, 1 << 21), 1 << 21, False, id="never lowered"),
        pytest.param(Limits(Limits.RLIM_INFINITY, Limits.RLIM_INFINITY), Limits.RLIM_INFINITY, False, id="none"),
        pytest.param(Limits(256, 65_536, up_to=10_240), 256, True, id="refused"),
        pytest.param(Limits(1024, 2048), 2048, True, id="few"),
    ],
)
def test_the_limit_is_raised_as_far_as_it_helps(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, limits: Limits, soft: int, warned: bool
) -> None:
    monkeypatch.setattr(open_files, "resource", limits)
    with caplog.at_level(logging.WARNING):
        open_files.allow_many_open_files()
    assert limits.soft == soft
    assert [f"only {soft} files" in record.getMessage() for record in caplog.records] == [True] * warned


def test_a_system_without_such_a_limit_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_files, "resource", None)
    open_files.allow_many_open_files()
