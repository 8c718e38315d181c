"""People talking in one room, in few words; what the tests of `chat` write with."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings

from teahouse.chat.actions import (
    Action,
    Ban,
    ChangeRights,
    Configure,
    DeleteMessage,
    EditMessage,
    Join,
    Leave,
    MarkRead,
    Mute,
    Posted,
    PostMessage,
    Remove,
    Result,
    SetRole,
)
from teahouse.chat.announcing import Committed
from teahouse.chat.log import catch_up, head_of
from teahouse.chat.people import SITE, Identity, new_guest
from teahouse.chat.writing import write
from teahouse.models import FOREVER, Room
from teahouse.protocol.events import Changes, Reset
from tests.chat.picture import Picture

PLAY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # To explain a failure takes longer than to find it, when each try talks with a database.
    phases=set(Phase) - {Phase.explain},
)
"""Hypothesis on a database; each try stands in `undone()`."""

_keys = count(1)


class Talk:
    """A room, guests by their names, and the actions that they do."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.committed: list[Committed] = []
        self._people: dict[str, Identity] = {}

    def person(self, name: str) -> Identity:
        if name not in self._people:
            self._people[name] = new_guest(name)[0]
        return self._people[name]

    def post(self, name: str, text: str, key: str | None = None, room: Room | None = None) -> PostMessage:
        return PostMessage((room or self.room).pk, self.person(name), key or f"key-{next(_keys)}", text)

    def edit(self, name: str, seq: int, changed: int, text: str) -> EditMessage:
        return EditMessage(self.room.pk, self.person(name), seq, changed, text)

    def delete(self, name: str, seq: int, changed: int) -> DeleteMessage:
        return DeleteMessage(self.room.pk, self.person(name), seq, changed)

    def join(self, name: str, room: Room | None = None) -> Join:
        return Join((room or self.room).pk, self.person(name))

    def leave(self, name: str) -> Leave:
        return Leave(self.room.pk, self.person(name))

    def read(self, name: str, seq: int, room: Room | None = None) -> MarkRead:
        return MarkRead((room or self.room).pk, self.person(name), seq)

    def uid(self, name: str) -> str:
        return self.person(name).uid

    def remove(self, by: str, name: str, **fields: Any) -> Remove:
        return Remove(self.room.pk, self.person(by), self.uid(name), **fields)

    def ban(self, by: str, name: str, until: int = FOREVER, **fields: Any) -> Ban:
        return Ban(self.room.pk, self.person(by), self.uid(name), until, **fields)

    def unban(self, by: str, name: str, **fields: Any) -> Ban:
        return Ban(self.room.pk, self.person(by), self.uid(name), 0, **fields)

    def mute(self, by: str, name: str, until: int = FOREVER, **fields: Any) -> Mute:
        return Mute(self.room.pk, self.person(by), self.uid(name), until, **fields)

    def role(self, by: str, name: str, role: str, **fields: Any) -> SetRole:
        return SetRole(self.room.pk, self.person(by), self.uid(name), role, **fields)

    def configure(self, by: str, **fields: Any) -> Configure:
        return Configure(self.room.pk, self.person(by), **fields)

    def rights_changed(self, name: str | None = None) -> ChangeRights:
        return ChangeRights(self.room.pk, SITE, None if name is None else self.uid(name))

    def come(self, **roles: str) -> None:
        """Makes people members with these roles, by the host's word."""
        joins = [Join(self.room.pk, self.person(name), granted=True) for name in roles]
        self.do(*joins, *(self.role("Host", name, role, granted=True) for name, role in roles.items()))

    def do(self, *actions: Action) -> list[Result]:
        """Writes them in one transaction, and tells the listeners also when the test itself is one that never ends."""
        with commits():
            return write(actions)

    def did(self, action: Action) -> Any:
        """The outcome of one action, which must not be refused."""
        (result,) = self.do(action)
        assert not isinstance(result, Exception), result
        return result

    def refused(self, action: Action) -> Any:
        """The refusal of one action."""
        (result,) = self.do(action)
        assert isinstance(result, Exception), result
        return result

    def say(self, *texts: str, by: str = "Ann") -> list[int]:
        """Posts texts in one transaction; returns their numbers."""
        results = self.do(*(self.post(by, text) for text in texts))
        return [result.seq for result in results if isinstance(result, Posted)]

    def live(self) -> list[Changes]:
        """Every event that was announced so far."""
        return [event for committed in self.committed for event in committed.events]

    def head(self) -> int:
        return head_of(self.room)[1]

    def epoch(self) -> str:
        return head_of(self.room)[0]


def commits() -> AbstractContextManager[Sequence[Any]]:
    """Runs what waits for a commit as if the test's own transaction ended."""
    return TestCase.captureOnCommitCallbacks(execute=True)


def bring_level(picture: Picture, room: Room) -> list[Changes | Reset]:
    """Feeds a picture what its client would be sent after a watch, until it is level; returns those events."""
    given: list[Changes | Reset] = []
    while True:
        found = catch_up(room, picture.epoch, picture.position)
        events = [found] if isinstance(found, Reset) else found
        for event in events:
            assert picture.apply(event) == "applied"
        given += events
        if not events or picture.position == head_of(room)[1]:
            return given


@contextmanager
def undone() -> Iterator[None]:
    """Takes back all that is written within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
