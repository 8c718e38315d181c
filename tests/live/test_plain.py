"""Tests of `teahouse.live.plain`: clients without a subprotocol, on the tests' database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from teahouse.chat.epochs import renew_epochs
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.posting import post
from teahouse.live.process import current
from teahouse.models import Log, Message, Room
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tea(transactional_db: None) -> Room:
    return ensure_room("群聊")


def plain(path: str = "/ws/群聊/") -> Socket:
    return Socket(path, plain=True)


async def test_a_text_in_is_a_message_and_a_text_out_at_both_addresses() -> None:
    ann, bob = plain(), plain("/room/群聊/")
    async with opened(ann, bob):
        await both_watch(ann, bob)
        ann.say("你好")
        assert await ann.hear() == await bob.hear() == "你好"


async def test_a_plain_client_hears_from_its_entry_on() -> None:
    ann, bob = plain(), plain()
    async with opened(ann):
        ann.say("before")
        assert await ann.hear() == "before"
        async with opened(bob):
            ann.say("after")
            assert await bob.hear() == "after"


async def test_what_is_said_as_soon_as_the_socket_is_open_is_heard() -> None:
    bob = TalkedToAtOnce("/ws/群聊/", plain=True)
    async with opened(bob):
        assert await bob.hear() == "at once"


async def test_edits_and_deletions_are_not_shown() -> None:
    ann, bob = Socket("/ws/"), plain()
    async with opened(ann, bob):
        await ann.hello("群聊")
        await ann.ask(type="post", room="群聊", key="k", text="one")
        await ann.ask(type="edit", room="群聊", seq=1, changed=1, text="changed")
        await ann.ask(type="delete", room="群聊", seq=1, changed=2)
        await ann.ask(type="post", room="群聊", key="l", text="two")
        heard = await bob.hear()
        assert heard in ("one", "changed", "two")
        assert heard == "two" or await bob.hear() == "two"


async def test_an_empty_frame_is_no_message() -> None:
    ann = plain()
    async with opened(ann):
        for text in ("", "   ", "tea"):
            ann.say(text)
        assert await ann.hear() == "tea"
    assert await Message.objects.acount() == 1


@pytest.mark.parametrize(
    ("frame", "close"),
    [(b"\x00", (4006, "binary_frame")), ("x" * 4001, (4005, "message_too_long")), ("nul \x00", (4005, "bad_text"))],
)
async def test_a_refusal_is_a_close_with_its_reason_and_harms_nobody(frame: Any, close: tuple[int, str]) -> None:
    odd, calm = plain(), plain()
    async with opened(odd, calm):
        await both_watch(odd, calm)
        odd.say(frame)
        assert await odd.closed() == close
        calm.say("still here")
        assert await calm.hear() == "still here"


async def test_a_room_that_is_not_there_closes() -> None:
    socket = plain("/ws/nowhere/")
    async with opened(socket):
        assert await socket.closed() == (4008, "no_such_room")


async def test_a_slow_plain_client_is_refilled_from_the_log_and_misses_nothing(settings: Any) -> None:
    settings.TEAHOUSE = {"QUEUE_BYTES": 2000, "RING_BYTES": 1000, "LIMITS": False}
    slow, quick = plain(), plain()
    async with opened(slow, quick):
        await both_watch(slow, quick)
        slow.stopped.clear()
        for number in range(200):
            quick.say(f"message number {number} " + "x" * 50)
        heard = [await quick.hear() for _ in range(200)]
        slow.stopped.set()
        assert [await slow.hear() for _ in range(200)] == heard


async def test_a_plain_client_that_missed_a_batch_is_refilled_from_the_log() -> None:
    ann, bob = plain(), plain()
    async with opened(ann, bob):
        await both_watch(ann, bob)
        (channel,) = current().hub.channels.values()
        held, missed = channel.watchers, asyncio.Event()
        channel.watchers = dict.fromkeys(held, lambda batch: missed.set())
        ann.say("missed")
        await missed.wait()
        channel.watchers = held
        ann.say("heard")
        assert [await bob.hear(), await bob.hear()] == ["missed", "heard"]


async def test_a_restored_log_makes_plain_clients_come_back(tea: Room) -> None:
    ann, bob = plain(), plain()
    async with opened(ann, bob):
        await both_watch(ann, bob)
        await sync_to_async(renew_epochs)("a test")
        assert await Log.objects.acount() == 1
        ann.say("in the new history")
        assert await bob.closed() == (4202, "resync")


async def both_watch(*sockets: Socket) -> None:
    """Wait until each hears the room: what it hears first is a message of its own."""
    for number, socket in enumerate(sockets):
        socket.say(f"here {number}")
        while await socket.hear() != f"here {number}":
            pass
    for number, socket in enumerate(sockets):
        for later in range(number + 1, len(sockets)):
            assert await socket.hear() == f"here {later}"
    await asyncio.sleep(0)


class TalkedToAtOnce(Socket):
    """One to whom something is said in the very moment in which the server opens the socket."""

    async def _send(self, message: dict[str, Any]) -> None:
        await super()._send(message)
        if message["type"] == "websocket.accept":
            with ThreadPoolExecutor(1) as host:
                host.submit(said_by_the_host, "at once").result()


def said_by_the_host(text: str) -> None:
    """A message from the host's own code, in a thread that leaves no connection behind."""
    post("群聊", text, new_guest()[0])
    connection.close()
