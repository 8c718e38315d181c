"""Tests of `teahouse.live.standing`: whom it looks at, when, and what it tells their sockets."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from teahouse.chat.people import Identity, people_changed
from teahouse.chat.proofs import Proof
from teahouse.errors import Unavailable
from teahouse.live import standing as module
from teahouse.live.standing import AGAIN_SECONDS, Standing
from teahouse.models import Person


class Socket:
    """An open socket that notes what it is told."""

    def __init__(self, uid: str, proof: Proof | None) -> None:
        self.person = Identity(uid, uid, "user")
        self.proof = proof
        self.fell: list[Proof] = []
        self.asked = 0

    def fall(self, proof: Proof) -> None:
        self.fell.append(proof)

    def ask_rights_again(self) -> None:
        self.asked += 1


class Place:
    """One process: its sockets, and what stands no longer."""

    def __init__(self) -> None:
        self.sockets = [Socket(uid, Proof(number, 0)) for number, uid in enumerate(["ann", "bob", "eve"])]
        self.sockets.append(Socket("guest", None))
        self.down: set[int] = set()
        self.looks: list[list[int]] = []
        self.broken: Exception | None = None
        self.standing = Standing(asyncio.get_running_loop(), self, lambda: self.sockets)  # type: ignore[arg-type]

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Stands for the readers, which take a while."""
        for _ in range(8):
            await asyncio.sleep(0)
        return function(*arguments)

    def fallen(self, proofs: Sequence[Proof]) -> set[Proof]:
        self.looks.append([proof.user_id for proof in proofs])
        if self.broken is not None:
            raise self.broken
        return {proof for proof in proofs if proof.user_id in self.down}

    def fell(self) -> list[str]:
        return [socket.person.uid for socket in self.sockets if socket.fell]


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()
    monkeypatch.setattr(module, "fallen", made.fallen)
    return made


async def settle() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def test_only_who_changed_is_looked_at_and_asked_again(place: Place) -> None:
    place.down = {0, 1}
    place.standing.changed(["bob", "guest", "stranger"])
    await settle()
    assert place.looks == [[1]]
    assert place.fell() == ["bob"]
    assert [socket.asked for socket in place.sockets] == [0, 1, 0, 1]


async def test_what_comes_during_a_look_is_looked_at_together_afterwards(place: Place) -> None:
    for uid in ("ann", "bob", "eve", "bob"):
        place.standing.changed([uid])
        await asyncio.sleep(0)
    await settle()
    assert place.looks == [[0], [1, 2]]


async def test_who_changed_is_looked_at_once_more_when_the_session_is_gone_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[tuple[float, Any]] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", lambda delay, call, *given: later.append((delay, lambda: call(*given))))
    place.standing.changed(["bob"])
    await settle()
    assert place.fell() == []
    place.down = {1}
    ((delay, call),) = later
    call()
    await settle()
    assert (delay, place.fell()) == (AGAIN_SECONDS, ["bob"])


async def test_who_opens_a_socket_just_after_they_changed_is_looked_at(place: Place) -> None:
    place.standing.changed(["bob"])
    await settle()
    place.looks.clear()
    place.down = {0, 1}
    for socket in place.sockets:
        place.standing.came(socket)
    await settle()
    assert (place.looks, place.fell()) == ([[1]], ["bob"])


async def test_a_database_that_fails_ends_nobody(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.down = {0, 1, 2}
    for error in (Unavailable("no database"), RuntimeError("broken")):
        place.broken = error
        place.standing.changed(["bob"])
        await settle()
    assert place.fell() == []
    assert "the sweep does it again" in caplog.text
    place.broken = None
    place.standing.changed(["bob"])
    await settle()
    assert place.fell() == ["bob"]


async def test_nobody_is_looked_at_after_the_end(place: Place) -> None:
    place.down = {1}
    place.standing.changed(["bob"])
    place.standing.stop()
    place.standing.changed(["bob"])
    place.standing.came(place.sockets[1])
    await settle()
    assert place.fell() == []


@pytest.mark.django_db
async def test_a_due_sweep_looks_at_all_sockets_at_once(place: Place, transactional_db: None) -> None:
    place.down = {0, 2}
    await asyncio.to_thread(in_a_thread, place, False)
    assert place.looks == []
    await asyncio.to_thread(in_a_thread, place, True)
    await settle()
    assert place.looks == [[0, 1, 2]]
    assert place.fell() == ["ann", "eve"]


@pytest.mark.django_db
async def test_a_sweep_finds_who_changed_without_a_ring(place: Place, transactional_db: None) -> None:
    def make() -> None:
        for uid in ("ann", "bob", "eve"):
            Person.objects.create(uid=uid, name=uid, kind="user")
        people_changed(["eve"])
        place.standing.sweep(False)
        connections.close_all()

    def change() -> None:
        people_changed(["bob"])
        place.standing.sweep(False)
        place.standing.sweep(False)
        connections.close_all()

    await asyncio.to_thread(make)
    await settle()
    assert place.looks == [], "what was before the first look is nobody's news"
    await asyncio.to_thread(change)
    await settle()
    assert place.looks == [[1]]


@pytest.mark.django_db
async def test_numbers_that_were_committed_in_another_order_are_found_by_the_due_sweep(
    place: Place, transactional_db: None
) -> None:
    def look(**numbers: int) -> None:
        for uid, number in numbers.items():
            Person.objects.update_or_create(uid=uid, defaults={"name": uid, "kind": "user", "rights": number})
        place.standing.sweep(True)
        connections.close_all()

    await asyncio.to_thread(look, ann=3, bob=0, eve=0)
    await asyncio.to_thread(look, eve=9)
    await settle()
    place.looks.clear()
    await asyncio.to_thread(look, bob=8)
    await settle()
    assert [1] in place.looks
    assert [2] not in place.looks
    place.looks.clear()
    await asyncio.to_thread(look)
    await settle()
    assert place.looks == [[0, 1, 2]], "only the sweep's own look at everybody"


@pytest.mark.django_db
async def test_logins_that_only_the_host_knows_are_asked_one_by_one(
    place: Place, transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "can_be_compared", lambda: False)
    settings.TEAHOUSE = {"RIGHTS_SECONDS": 1000}
    place.down = {1}
    await asyncio.to_thread(in_a_thread, place, True)
    await settle()
    assert (place.looks, place.fell()) == ([[0], [1], [2]], ["bob"])
    await asyncio.to_thread(in_a_thread, place, True)
    await settle()
    assert len(place.looks) == 3, "not before RIGHTS_SECONDS are over"


def in_a_thread(place: Place, is_due: bool) -> None:
    place.standing.sweep(is_due)
    connections.close_all()
