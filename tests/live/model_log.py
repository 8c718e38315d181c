"""A room's log in memory, and readers that read it in place of a database; what the tests of `live` write with."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from teahouse.chat.log import reset_reason
from teahouse.chat.spans import spans
from teahouse.live.frames import Frame, Growth
from teahouse.models import Log, Room
from teahouse.protocol.events import Changes, MessageRow, PersonRow, Reset

ANN = PersonRow(id="gann", name="Ann", kind="guest")
PAGE = 4


class ModelLog:
    """Numbers entries and answers `head_of` and `catch_up` as `teahouse.chat.log` does, by pages of few entries."""

    def __init__(self, room_id: int = 7) -> None:
        self.room = Room(log=Log(pk=room_id), address="tea", title="Tea", kind="open")
        self.epoch = "e1"
        self.entries: list[int] = []
        self.messages: dict[int, MessageRow] = {}
        self.ends: dict[int, str] = {}
        self.out: set[str] = set()
        self.asked: list[str] = []

    @property
    def head(self) -> int:
        return len(self.entries)

    def post(self, text: str = "hello") -> Growth:
        seq = self.head + 1
        return self._touch(seq, text=text, deleted=False)

    def edit(self, seq: int, text: str) -> Growth:
        return self._touch(seq, text=text, deleted=False)

    def delete(self, seq: int) -> Growth:
        return self._touch(seq, text=None, deleted=True)

    def shut_out(self, uid: str) -> Growth:
        """An entry that ends the right of a person, as a removal does."""
        self.out.add(uid)
        return self._change_rights(uid)

    def let_in(self, uid: str) -> Growth:
        """An entry of a person who comes in again; nobody's right ends by it."""
        self.out.discard(uid)
        return self._change_rights("")

    def change_rights(self, who: str) -> Growth:
        """An entry behind which a person, or everybody, must ask again; what is asked may answer as before."""
        return self._change_rights(who)

    @property
    def rights(self) -> int:
        return max(self.ends, default=0)

    def renew(self) -> None:
        self.epoch += "x"

    def growth(self, after: int) -> Growth:
        """What was committed since a number, as one transaction's."""
        frames = [Frame.of(event) for event in self._spans(after, self.head)]
        return Growth(self.room.pk, self.epoch, self.head, frames)

    def head_of(self, room: Room) -> tuple[str, int]:
        return self.epoch, self.head

    def catch_up(
        self, room: Room, epoch: str | None, seq: int | None, may_reset_when_behind: bool = True
    ) -> list[Changes] | Reset:
        reason = reset_reason(epoch, seq, self.epoch, self.head)
        if reason == "behind" and not may_reset_when_behind:
            reason = None
        if reason or seq is None:
            rows = [self.messages[place] for place in sorted(self.messages)]
            return Reset("tea", self.epoch, self.head, reason or "new", rows, more=False, rights=self.rights)
        return self._spans(seq, min(self.head, seq + PAGE))

    def _touch(self, seq: int, text: str | None, deleted: bool) -> Growth:
        self.entries.append(seq)
        self.messages[seq] = MessageRow(
            seq=seq, changed=self.head, at=1, author=ANN, key=f"k{seq}", text=text, deleted=deleted
        )
        return self.growth(self.head - 1)

    def _change_rights(self, who: str) -> Growth:
        self.entries.append(0)
        if who:
            self.ends[self.head] = who
        return self.growth(self.head - 1)

    def _spans(self, after: int, upto: int) -> list[Changes]:
        touched = [
            (number, self.messages.get(self.entries[number - 1]), self.ends.get(number, ""))
            for number in range(after + 1, upto + 1)
        ]
        return spans("tea", self.epoch, after, touched)


class ModelReaders:
    """Readers whose thread is the event loop, after as many turns of it as `turns` says."""

    def __init__(self, log: ModelLog) -> None:
        self.log = log
        self.turns = 1
        self.fails: Exception | None = None

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        self.log.asked.append(function.__name__)
        answer = getattr(self.log, function.__name__)(*arguments)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        return answer


async def settle() -> None:
    """Lets the event loop do all that is ready, many times over."""
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.fixture
def log() -> ModelLog:
    return ModelLog()
