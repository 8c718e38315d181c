"""The close codes, their bands, and which error closes with which."""

from __future__ import annotations

import pytest

from teahouse.errors import BinaryFrame, MessageTooLong, TeahouseError, all_errors
from teahouse.protocol.closes import Close, close_for

OURS = [error for error in all_errors() if error.__module__ == "teahouse.errors"]


def test_a_close_is_its_number() -> None:
    assert Close.RESTART == Close(4200) == 4200
    assert Close.RESTART.code == 4200
    assert Close.RESTART.reason == "restart"
    assert Close.RESTART.meaning == "The server restarts."


@pytest.mark.parametrize("close", list(Close), ids=lambda close: close.reason)
def test_every_close_fits_its_frame_and_says_what_it_means(close: Close) -> None:
    assert 4000 <= close < 4300
    assert len(close.reason.encode()) <= 123
    assert close.meaning.endswith(".")


@pytest.mark.parametrize(
    ("close", "comes_back"),
    [(Close.BAD_TOKEN, False), (Close.OVERLOADED, True), (Close.INTERNAL_ERROR, True), (Close.RESTART, True)],
)
def test_the_band_says_whether_to_come_back(close: Close, comes_back: bool) -> None:
    assert close.comes_back is comes_back


@pytest.mark.parametrize("error", OURS, ids=lambda error: error.code)
def test_an_error_that_can_pass_asks_to_come_back(error: type[TeahouseError]) -> None:
    close = close_for(error("no"))

    assert close.comes_back or not error.retry


def test_an_error_whose_name_a_close_has_gets_that_close() -> None:
    closes = {close.reason: close for close in Close}
    named_alike = [error for error in OURS if error.code in closes]

    assert len(named_alike) == 11
    for error in named_alike:
        assert close_for(error("no")) is closes[error.code]


def test_the_errors_of_plain_clients_close_with_what_was_wrong() -> None:
    assert close_for(BinaryFrame("no")) is Close.BINARY_FRAME
    assert close_for(MessageTooLong("no")) is Close.MESSAGE_REFUSED


def test_an_error_of_a_host_closes_like_the_error_that_it_comes_from() -> None:
    host_error = type("TooManyEmoji", (MessageTooLong,), {})

    assert close_for(host_error("no")) is Close.MESSAGE_REFUSED


def test_an_unheard_of_error_closes_by_whether_it_can_pass() -> None:
    lasting = type("Lasting", (TeahouseError,), {})
    passing = type("Passing", (TeahouseError,), {"retry": True})

    assert close_for(lasting("no")) is Close.PROTOCOL_ERROR
    assert close_for(passing("no")) is Close.INTERNAL_ERROR
