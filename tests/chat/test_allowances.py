"""Tests of `teahouse.chat.allowances`: how much one person, one network and one address may do."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from teahouse.chat import allowances as module
from teahouse.chat.allowances import Allowances, allowances, check_new_room
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity, new_guest, seen_from
from teahouse.chat.rooms import enter
from teahouse.errors import RateLimited

ANN, BOB = Identity("b1", "Ann", "bot"), Identity("b2", "Bob", "bot")


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Time stands still, until a test moves it."""

    class Clock:
        now = 10**18

        def __call__(self) -> int:
            return self.now

    clock = Clock()
    rate = module.Rate
    monkeypatch.setattr(module, "Rate", lambda pace: rate(pace, clock))
    return clock


def limited(settings: Settings, **teahouse: Any) -> Allowances:
    settings.TEAHOUSE = teahouse
    found = allowances()
    assert found is not None
    return found


def guest(network: str = "one network") -> Identity:
    return seen_from(new_guest()[0], network)


def test_a_person_posts_a_burst_in_each_room_and_then_at_the_rate(settings: Settings, still_clock: Any) -> None:
    allowed = limited(settings, POSTS_PER_SECOND=4, POST_BURST=3)
    for _ in range(3):
        allowed.post(ANN, "tea")
        allowed.post(ANN, "coffee")
        allowed.post(BOB, "tea")
    with pytest.raises(RateLimited) as refused:
        allowed.post(ANN, "tea")
    assert refused.value.retry_after == 0.25
    for part in ("4 a second after 3 at once", 'TEAHOUSE["POSTS_PER_SECOND"]', 'TEAHOUSE["POST_BURST"]', "0.25 s"):
        assert part in refused.value.text
    still_clock.now += 250_000_000
    allowed.post(ANN, "tea")


def test_a_new_cookie_helps_a_guest_ten_times_and_no_more(settings: Settings) -> None:
    allowed = limited(settings, POST_BURST=3)
    for _ in range(30):
        allowed.post(guest(), "tea")
    with pytest.raises(RateLimited):
        allowed.post(guest(), "tea")
    allowed.post(guest("another network"), "tea")
    allowed.post(guest(), "coffee")
    allowed.post(ANN, "tea")


def test_what_one_guest_is_refused_is_not_taken_from_the_others_of_the_network(settings: Settings) -> None:
    allowed = limited(settings, POST_BURST=3)
    eager = guest()
    for number in range(100):
        if number < 3:
            allowed.post(eager, "tea")
        else:
            with pytest.raises(RateLimited):
                allowed.post(eager, "tea")
    for _ in range(27):
        allowed.post(guest(), "tea")


def test_guests_of_an_unknown_network_share_nothing(settings: Settings) -> None:
    allowed = limited(settings, POST_BURST=1)
    for _ in range(50):
        allowed.post(guest(""), "tea")


def test_handshakes_count_by_address_and_unknown_addresses_not_at_all(settings: Settings) -> None:
    allowed = limited(settings, HANDSHAKES_PER_SECOND=1, HANDSHAKE_BURST=2)
    for _ in range(2):
        allowed.handshake("203.0.113.9")
    with pytest.raises(RateLimited, match=r"203\.0\.113\.9 come faster than 1 a second after 2 at once"):
        allowed.handshake("203.0.113.9")
    allowed.handshake("203.0.113.8")
    for _ in range(10):
        allowed.handshake("")


def test_commands_over_http_count_by_person_and_ten_times_as_many_by_address(settings: Settings) -> None:
    allowed = limited(settings, COMMANDS_PER_SECOND=1, COMMAND_BURST=2)
    for _ in range(2):
        allowed.request_of(ANN)
    with pytest.raises(RateLimited):
        allowed.request_of(ANN)
    for _ in range(20):
        allowed.request("203.0.113.9")
    with pytest.raises(RateLimited):
        allowed.request("203.0.113.9")
    allowed.request("")


@pytest.mark.django_db
def test_a_person_makes_so_many_rooms_and_then_enters_only_those_that_are_there(
    settings: Settings, still_clock: Any
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Creating", "ROOMS_PER_HOUR": 2}
    ensure_room("old")
    for name in ("one", "two", "one"):
        enter(name, ANN)
    with pytest.raises(RateLimited, match="2 rooms within an hour") as refused:
        enter("three", ANN)
    assert refused.value.retry_after == 1800
    enter("old", ANN)
    enter("three", BOB)
    still_clock.now += 1800 * 10**9
    enter("four", ANN)


def test_guests_of_one_network_make_ten_times_as_many_rooms_together(settings: Settings) -> None:
    settings.TEAHOUSE = {"ROOMS_PER_HOUR": 1}
    for _ in range(10):
        check_new_room(guest())
    with pytest.raises(RateLimited):
        check_new_room(guest())


def test_without_limits_nobody_is_counted(settings: Settings) -> None:
    settings.TEAHOUSE = {"LIMITS": False, "ROOMS_PER_HOUR": 1}
    assert allowances() is None
    for _ in range(10):
        check_new_room(ANN)


def test_the_settings_are_read_again_when_they_change(settings: Settings) -> None:
    first = limited(settings, POST_BURST=1)
    assert allowances() is first
    assert limited(settings, POST_BURST=2) is not first


@pytest.mark.parametrize(
    "wrong",
    [
        {"POSTS_PER_SECOND": 0},
        {"POST_BURST": 0},
        {"COMMANDS_PER_SECOND": -1},
        {"ROOMS_PER_HOUR": 0},
        {"HANDSHAKE_BURST": "many"},
        {"HANDSHAKES_PER_SECOND": None},
    ],
)
def test_a_limit_that_lets_nothing_through_is_an_error_that_names_it_and_the_mend(
    settings: Settings, wrong: dict[str, Any]
) -> None:
    settings.TEAHOUSE = wrong
    ((name, _),) = wrong.items()
    with pytest.raises(ImproperlyConfigured) as refused:
        allowances()
    assert f'TEAHOUSE["{name}"]' in str(refused.value)
    assert 'TEAHOUSE["LIMITS"] = False' in str(refused.value)


def test_an_office_of_five_hundred_and_a_burst_of_fifty_never_meet_a_limit(settings: Settings) -> None:
    allowed = limited(settings)
    everybody = [guest("the office") for _ in range(500)]
    for person in everybody:
        allowed.handshake("203.0.113.9")
        allowed.request("203.0.113.9")
        allowed.request_of(person)
        allowed.post(person, "tea")
    for _ in range(50):
        allowed.post(everybody[0], "tea")
