"""One's own messages never swap: posts far ahead of their answers, while everything that can refuse one does."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async

import teahouse
from teahouse.chat import commands
from teahouse.chat.actions import Action, Result
from teahouse.chat.making import ensure_room
from teahouse.errors import NotAllowed, RateLimited, Unavailable
from teahouse.live import session, writer
from teahouse.models import Message
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = 30
AHEAD = 12


class Sender:
    """Sends as the client library does: many ahead, and after a refusal all again, in order, once all is answered."""

    def __init__(self, socket: Socket, rights_change: Callable[[], Any]) -> None:
        self.socket = socket
        self.rights_change = rights_change
        self.waiting = list(range(MESSAGES))
        self.posted: list[int] = []
        self._under_way: dict[int, int] = {}
        self._is_held = False
        self._asked = 1

    async def send_all(self) -> None:
        for _ in range(200 * MESSAGES):
            if not self.waiting:
                return
            self._is_held = self._is_held and bool(self._under_way)
            if not self._is_held:
                self._send()
            await self.rights_change()
            await self._hear()
        raise AssertionError(f"{self.waiting} are never taken")

    def _send(self) -> None:
        for number in [number for number in self.waiting if number not in self._under_way.values()]:
            if len(self._under_way) < AHEAD:
                self._asked += 1
                self._under_way[self._asked] = number
                post = {"type": "post", "room": "tea", "key": f"k{number}", "text": str(number)}
                self.socket.say({"id": self._asked, **post})

    async def _hear(self) -> None:
        while (answer := await self.socket.hear())["type"] not in ("ok", "error"):
            pass
        number = self._under_way.pop(answer["id"])
        if answer.get("retry"):
            self._is_held = True
            return
        self.waiting.remove(number)
        if answer["type"] == "ok":
            self.posted.append(number)


@pytest.mark.parametrize("seed", range(6))
async def test_ones_own_messages_never_swap(
    seed: int, settings: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed).random
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Counting", "WRITER_QUEUE": 3, "WRITER_BATCH": 2}
    write, action_for, take_change = writer.write, commands.action_for, session.take_change

    def write_or_not(actions: Sequence[Action]) -> list[Result]:
        return write(actions) if chance() > 0.2 else [Unavailable("the database is away") for _ in actions]

    def ask_or_not(*asked: Any) -> Action:
        if chance() < 0.1:
            raise NotAllowed("no") if chance() < 0.5 else Unavailable("the policy is slow")
        return action_for(*asked)

    def take_or_not(line: Any, command: Any, seat: Any) -> None:
        if seat.lane.refusal(command.key) is None and chance() < 0.1:
            raise RateLimited("too fast")
        take_change(line, command, seat)

    async def rights_change() -> None:
        if chance() < 0.4:
            await sync_to_async(teahouse.rights_changed)(room="tea")

    monkeypatch.setattr(writer, "write", write_or_not)
    monkeypatch.setattr(commands, "action_for", ask_or_not)
    monkeypatch.setattr(session, "take_change", take_or_not)
    await sync_to_async(ensure_room)("tea")
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        sender = Sender(socket, rights_change)
        await sender.send_all()
    texts = [int(text) async for text in Message.objects.order_by("seq").values_list("text", flat=True)]
    assert texts == sorted(sender.posted)
