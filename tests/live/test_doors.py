"""Tests of `teahouse.live.doors`: how many sockets of one address and one person are open."""

from dataclasses import dataclass

import pytest
from pytest_django import Settings

from teahouse.errors import OriginRefused, RateLimited
from teahouse.live.doors import Doors


@dataclass
class Socket:
    address: str = ""
    counted_as: str | None = None


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    settings.TEAHOUSE = {"SOCKETS_PER_ADDRESS": 3, "SOCKETS_PER_PERSON": 2}


def opened(doors: Doors, address: str, uid: str | None = None) -> Socket:
    socket = Socket()
    doors.let_in(socket, address, uid)
    return socket


def test_an_address_has_so_many_sockets_open_and_another_when_one_closes() -> None:
    doors = Doors()
    sockets = [opened(doors, "a") for _ in range(3)]
    with pytest.raises(
        RateLimited, match=r'3 sockets from a are open .* \(TEAHOUSE\["SOCKETS_PER_ADDRESS"\]\)'
    ) as refused:
        opened(doors, "a")
    assert refused.value.retry_after
    opened(doors, "b")
    for _ in range(2):
        doors.let_out(sockets[0])
    opened(doors, "a")
    with pytest.raises(RateLimited):
        opened(doors, "a")


def test_a_person_has_so_many_sockets_open_wherever_they_come_from() -> None:
    doors = Doors()
    opened(doors, "a", "ann")
    second = opened(doors, "b", "ann")
    with pytest.raises(RateLimited, match=r'2 sockets of this person are open .* \(TEAHOUSE\["SOCKETS_PER_PERSON"\]\)'):
        opened(doors, "c", "ann")
    doors.let_out(second)
    opened(doors, "c", "ann")


def test_who_is_refused_is_not_counted() -> None:
    doors = Doors()
    for _ in range(2):
        opened(doors, "a", "ann")
    for _ in range(5):
        with pytest.raises(RateLimited):
            opened(doors, "a", "ann")
    opened(doors, "a", "bob")


def test_a_socket_whose_person_turns_out_to_be_another_counts_as_that_one_only() -> None:
    doors = Doors()
    socket = opened(doors, "a", "guest")
    doors.know(socket, "ann")
    doors.know(socket, "ann")
    opened(doors, "b", "ann")
    opened(doors, "b", "guest")
    opened(doors, "c", "guest")
    other = opened(doors, "d")
    with pytest.raises(RateLimited):
        doors.know(other, "ann")
    doors.let_out(socket)
    doors.know(other, "ann")


def test_unknown_addresses_and_new_guests_are_not_counted() -> None:
    doors = Doors()
    for _ in range(10):
        opened(doors, "")


def test_nothing_is_kept_of_who_is_gone() -> None:
    doors = Doors()
    for number in range(10):
        doors.let_out(opened(doors, f"address {number}", f"person {number}"))
    assert not doors._of_address
    assert not doors._of_person


def test_without_limits_they_are_counted_and_let_in(settings: Settings) -> None:
    settings.TEAHOUSE = {"LIMITS": False, "SOCKETS_PER_ADDRESS": 1, "SOCKETS_PER_PERSON": 1}
    doors = Doors()
    for _ in range(5):
        opened(doors, "a", "ann")


def test_a_refusal_is_logged_once_in_a_while_for_each_address() -> None:
    doors = Doors()
    flood = RateLimited("too many")
    assert [doors.may_log(address, flood) for address in "aabba"] == [True, False, True, False, False]
    assert [doors.may_log("a", OriginRefused("another page")) for _ in range(40)] == [True] * 30 + [False] * 10
