"""Tests of `teahouse.live.pacing`: what a socket hears that asks too often, and that its messages keep their order."""

from typing import Any

import pytest
from pytest_django import Settings

from teahouse.chat import allowances as module
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest, sign_guest
from teahouse.live import pacing
from teahouse.models import Message
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """Time stands still, until a test moves it."""

    def __init__(self) -> None:
        self.now = 10**18

    def monotonic_ns(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += round(seconds * 10**9)


@pytest.fixture(autouse=True)
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    ensure_room("tea")
    clock, rate = Clock(), module.Rate
    monkeypatch.setattr(module, "Rate", lambda pace: rate(pace, clock.monotonic_ns))
    monkeypatch.setattr(pacing, "time", clock)
    return clock


def post(key: str, **fields: Any) -> dict[str, Any]:
    return {"type": "post", "room": "tea", "key": key, "text": f"text {key}", **fields}


async def answers(socket: Socket, count: int) -> list[Any]:
    """The next answers, each as its code or `ok`."""
    found: list[Any] = []
    while len(found) < count:
        said = await socket.hear()
        if said["type"] in ("ok", "error"):
            found.append(said.get("code", "ok"))
    return found


async def test_posts_past_the_limit_are_told_when_it_works_and_then_it_works(settings: Settings, clock: Clock) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2, "POSTS_PER_SECOND": 4}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        for key in ("a", "b"):
            assert (await socket.ask(**post(key)))["type"] == "ok"
        refused = await socket.ask(**post("c"))
        assert (refused["code"], refused["retry"], refused["retry_after"]) == ("rate_limited", True, 0.25)
        clock.pass_by(0.249)
        assert (await socket.ask(**post("c")))["code"] == "rate_limited"
        clock.pass_by(0.001)
        assert (await socket.ask(**post("c")))["type"] == "ok"


async def test_messages_behind_a_refused_one_wait_for_it_and_use_nothing_up(settings: Settings, clock: Clock) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2, "POSTS_PER_SECOND": 1}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        for key in "abcd":
            socket.say({"id": 1, **post(key)})
        assert sorted(await answers(socket, 4)) == ["ok", "ok", "rate_limited", "rate_limited"]
        clock.pass_by(1)
        socket.say({"id": 1, **post("d")})
        assert await answers(socket, 1) == ["rate_limited"]
        socket.say({"id": 1, **post("c")})
        assert await answers(socket, 1) == ["ok"]
        clock.pass_by(1)
        socket.say({"id": 1, **post("d")})
        assert await answers(socket, 1) == ["ok"]
    texts = [text async for text in Message.objects.order_by("seq").values_list("text", flat=True)]
    assert texts == ["text a", "text b", "text c", "text d"]


async def test_a_limited_message_that_the_policy_then_forbids_keeps_no_later_one_waiting(
    settings: Settings, clock: Clock
) -> None:
    limits = {"POST_BURST": 1, "POSTS_PER_SECOND": 1}
    settings.TEAHOUSE = limits
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        assert (await socket.ask(**post("a")))["type"] == "ok"
        assert (await socket.ask(**post("b")))["code"] == "rate_limited"
        clock.pass_by(1)
        settings.TEAHOUSE = {**limits, "POLICY": "tests.live.policies.ReadOnly"}
        assert (await socket.ask(**post("b")))["code"] == "not_allowed"
        settings.TEAHOUSE = limits
        clock.pass_by(1)
        assert (await socket.ask(**post("c")))["type"] == "ok"


async def test_edits_and_deletes_count_as_messages_do(settings: Settings) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        posted = await socket.ask(**post("a"))
        seq = posted["seq"]
        edited = await socket.ask(type="edit", room="tea", seq=seq, changed=seq, text="better")
        assert edited["type"] == "ok"
        deleted = await socket.ask(type="delete", room="tea", seq=seq, changed=edited["changed"])
        assert deleted["code"] == "rate_limited"
        assert (await socket.ask(type="join", room="tea"))["type"] == "ok"


async def test_two_sockets_of_one_person_share_what_the_person_may_post(settings: Settings) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2}
    guest, secret = new_guest("Ann")
    one, two = Socket("/ws/"), Socket("/ws/")
    async with opened(one, two):
        for socket in (one, two):
            await socket.hello("tea", token=sign_guest(secret, guest.name))
            assert (await socket.ask(**post("k" + str(id(socket)))))["type"] == "ok"
        assert (await one.ask(**post("c")))["code"] == "rate_limited"


async def test_a_guest_who_throws_the_cookie_away_meets_the_limit_of_the_network(settings: Settings) -> None:
    settings.TEAHOUSE = {"POST_BURST": 1}
    for number in range(12):
        socket = Socket("/ws/", client=("203.0.113.9", 50_000))
        async with opened(socket):
            await socket.hello("tea")
            answer = await socket.ask(**post(f"k{number}"))
            assert answer["type"] == ("ok" if number < 10 else "error")


async def test_commands_past_the_limit_are_refused_and_who_goes_on_is_sent_away(
    settings: Settings, clock: Clock
) -> None:
    settings.TEAHOUSE = {"COMMANDS_PER_SECOND": 2, "COMMAND_BURST": 3}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        for _ in range(2):
            assert (await socket.ask(type="join", room="tea"))["type"] == "ok"
        refused = await socket.ask(type="join", room="tea")
        assert (refused["code"], refused["retry_after"]) == ("rate_limited", 0.5)
        clock.pass_by(0.5)
        assert (await socket.ask(type="join", room="tea"))["type"] == "ok"
        for _ in range(10):
            socket.say({"id": 2, "type": "history", "room": "tea"})
        bye = await socket.hear_of("bye")
        assert (bye["code"], bye["retry_after"]) == (4101, 0.5)
        assert await socket.closed() == (4101, "rate_limited")


async def test_who_waits_as_told_is_never_sent_away(settings: Settings, clock: Clock) -> None:
    settings.TEAHOUSE = {"COMMANDS_PER_SECOND": 2, "COMMAND_BURST": 1}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello()
        for _ in range(20):
            refused = await socket.ask(type="join", room="tea")
            clock.pass_by(refused["retry_after"])
            assert (await socket.ask(type="join", room="tea"))["type"] == "ok"


async def test_pings_count_and_are_refused_without_a_number(settings: Settings) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 2}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello()
        socket.say({"type": "ping"})
        assert (await socket.hear())["type"] == "pong"
        socket.say({"type": "ping"})
        refused = await socket.hear()
        assert (refused["id"], refused["code"]) == (None, "rate_limited")


async def test_a_post_refused_before_its_room_was_entered_still_goes_first(settings: Settings, clock: Clock) -> None:
    settings.TEAHOUSE = {"COMMANDS_PER_SECOND": 1, "COMMAND_BURST": 1}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello()
        assert (await socket.ask(**post("a")))["code"] == "rate_limited"
        clock.pass_by(1)
        assert (await socket.ask(**post("b")))["code"] == "rate_limited"
        clock.pass_by(1)
        assert (await socket.ask(**post("a")))["type"] == "ok"
        clock.pass_by(1)
        assert (await socket.ask(**post("b")))["type"] == "ok"


async def test_a_plain_client_past_the_limit_is_closed_with_its_code(settings: Settings) -> None:
    settings.TEAHOUSE = {"POST_BURST": 2}
    socket = Socket("/ws/tea/", plain=True)
    async with opened(socket):
        for number in range(3):
            socket.say(f"message {number}")
        assert await socket.closed() == (4101, "rate_limited")
    assert await Message.objects.acount() == 2


async def test_a_plain_client_that_sends_nothing_but_spaces_is_closed_too(settings: Settings) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 5}
    socket = Socket("/ws/tea/", plain=True)
    async with opened(socket):
        for _ in range(6):
            socket.say(" ")
        assert await socket.closed() == (4101, "rate_limited")


async def test_a_plain_client_posts_fifty_at_once_by_the_defaults() -> None:
    socket = Socket("/ws/tea/", plain=True)
    async with opened(socket):
        for number in range(50):
            socket.say(f"message {number}")
        assert [await socket.hear() for _ in range(50)] == [f"message {number}" for number in range(50)]


async def test_without_limits_nobody_is_refused(settings: Settings) -> None:
    settings.TEAHOUSE = {"LIMITS": False, "POST_BURST": 1, "COMMAND_BURST": 1}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        for number in range(20):
            assert (await socket.ask(**post(f"k{number}")))["type"] == "ok"
