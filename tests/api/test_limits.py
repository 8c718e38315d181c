"""What somebody who asks too often over HTTP is told, and that nobody else meets it."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from teahouse.models import Message, Room
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


def test_messages_past_the_limit_get_429_and_the_time_to_wait(
    settings: Settings, new_caller: Callable[[], Caller], tea: Room
) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2, "POSTS_PER_SECOND": 0.5}
    ann, bob = new_caller(), new_caller()
    for caller in (ann, bob):
        caller.say_hello()
        for key in ("a", "b"):
            assert caller.ask(type="post", room="tea", key=key, text="x")["type"] == "ok"
    refused = ann.send({"type": "post", "id": 3, "room": " TEA ", "key": "c", "text": "x"})
    answer = refused.json()["answer"]
    assert (refused.status_code, answer["code"], answer["id"]) == (429, "rate_limited", 3)
    assert refused.headers["Retry-After"] == "2"
    assert 1.5 < answer["retry_after"] <= 2
    assert Message.objects.count() == 4


def test_edits_and_deletes_count_as_messages_do(settings: Settings, caller: Caller, tea: Room) -> None:
    settings.TEAHOUSE = {"POST_BURST": 1, "POSTS_PER_SECOND": 0.01}
    caller.say_hello()
    seq = caller.ask(type="post", room="tea", key="a", text="x")["seq"]
    assert caller.ask(type="edit", room="tea", seq=seq, changed=seq, text="y")["code"] == "rate_limited"
    assert caller.ask(type="delete", room="tea", seq=seq, changed=seq)["code"] == "rate_limited"
    assert caller.ask(type="history", room="tea")["type"] == "ok"


def test_commands_of_one_person_are_limited_and_not_those_of_others(
    settings: Settings, new_caller: Callable[[], Caller], tea: Room
) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 2, "COMMANDS_PER_SECOND": 0.01}
    ann, bob = new_caller(), new_caller()
    ann.say_hello()
    bob.say_hello()
    answers = [ann.ask(type="history", room="tea") for _ in range(3)]
    assert [answer.get("code") for answer in answers] == [None, None, "rate_limited"]
    assert bob.ask(type="history", room="tea")["type"] == "ok"


def test_an_address_that_is_always_somebody_new_is_limited_too(
    settings: Settings, new_caller: Callable[[], Caller], tea: Room
) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 1, "COMMANDS_PER_SECOND": 0.01}
    codes = [new_caller().ask(type="hello", version=1, name="Ann").get("code") for _ in range(11)]
    assert codes == [None] * 10 + ["rate_limited"]


def test_a_guest_who_throws_the_token_away_meets_the_limit_of_the_network(
    settings: Settings, new_caller: Callable[[], Caller], tea: Room
) -> None:
    settings.TEAHOUSE = {"POST_BURST": 1, "POSTS_PER_SECOND": 0.01}
    codes = []
    for number in range(11):
        caller = new_caller()
        caller.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
        caller.say_hello()
        # A header of somebody who is no proxy.
        caller.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        codes.append(caller.ask(type="post", room="tea", key="k", text="x").get("code"))
    assert codes == [None] * 10 + ["rate_limited"]


def test_without_limits_nobody_is_refused(settings: Settings, caller: Caller, tea: Room) -> None:
    settings.TEAHOUSE = {"LIMITS": False, "COMMAND_BURST": 1, "POST_BURST": 1}
    caller.say_hello()
    for number in range(5):
        assert caller.ask(type="post", room="tea", key=f"k{number}", text="x")["type"] == "ok"
