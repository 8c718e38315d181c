"""Tests of `teahouse.live.process`: starting, letting go, and hearing what other threads commit."""

import asyncio
import threading
from functools import partial

import pytest
from asgiref.sync import sync_to_async

import teahouse
from teahouse.chat.announcing import Committed
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.live.frames import Batch
from teahouse.live.process import Live, current, drain
from teahouse.models import Message, Room
from teahouse.protocol.events import Changes
from tests.live.model_log import settle
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tea(transactional_db: None) -> Room:
    return ensure_room("tea")


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("teahouse-")]


async def test_an_event_loop_has_one_live_part_which_drain_ends() -> None:
    live = current()
    assert current() is live
    assert own_threads()
    await drain(0)
    assert own_threads() == []
    assert current() is not live
    await drain(0)


async def test_a_loop_that_ended_without_a_drain_is_let_go() -> None:
    def once() -> None:
        async def live_a_moment() -> None:
            current()

        asyncio.run(live_a_moment())

    await asyncio.to_thread(once)
    left = own_threads()
    assert left
    current()
    for thread in threading.enumerate():
        if thread.name in left and thread not in _threads_of(current()):
            await asyncio.to_thread(thread.join, 20)
    await drain(0)
    assert own_threads() == []


def _threads_of(live: Live) -> list[threading.Thread]:
    return [live.sweep._thread, live.writer._thread, *live.readers._threads]


async def test_draining_where_nothing_lives_does_nothing() -> None:
    await drain(0)
    assert own_threads() == []


async def test_what_another_thread_commits_reaches_the_sockets() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.hear_of("reset")
        message = await sync_to_async(teahouse.post)("tea", "from a view", new_guest("Ann")[0])
        assert (await socket.hear())["messages"][0]["text"] == message.text == "from a view"


async def test_what_commits_while_the_event_loop_is_busy_is_the_next_batch(tea: Room) -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.hear_of("reset")
        live = current()
        await settle()
        (channel,) = live.hub.channels.values()
        (seat,) = channel.watchers
        batches: list[Batch] = []
        channel.watchers[seat] = batches.append
        before = channel.position
        for seq in range(before + 1, before + 4):
            live.announced([Committed(tea.pk, channel.epoch, seq - 1, seq, partial(one_change, channel.epoch, seq))])
        await settle()
        assert [(batch.after, batch.upto, len(batch.frames)) for batch in batches] == [(before, before + 3, 3)]
        assert len(batches[0].packets) == 1


def one_change(epoch: str, seq: int) -> list[Changes]:
    return [Changes("tea", epoch, seq - 1, seq)]


async def test_a_drain_answers_what_was_begun_and_says_bye() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.hear_of("reset")
        for number in range(50):
            socket.say({"type": "post", "id": number, "room": "tea", "key": f"k{number}", "text": "last words"})
        while (await socket.hear())["type"] != "ok":
            pass
        draining = asyncio.ensure_future(drain(2))
        heard = []
        while (event := await socket.hear())["type"] != "bye":
            heard.append(event)
        assert (event["code"], event["retry_after"] > 0) == (4200, True)
        assert await socket.closed() == (4200, "restart")
        await socket.end()
        await draining
    acknowledged = 1 + sum(event["type"] == "ok" for event in heard)
    assert await Message.objects.acount() == acknowledged


async def test_a_draining_server_takes_nobody_new() -> None:
    current().draining = True
    socket = Socket("/ws/")
    refusal = await socket.open()
    assert (refusal["type"], refusal["status"]) == ("websocket.http.response.start", 503)
    await socket.end()
    await drain(0)
