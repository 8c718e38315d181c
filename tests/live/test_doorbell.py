"""Tests of `teahouse.live.doorbell`, with a layer that can fail."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from teahouse.live import doorbell as module
from teahouse.live.doorbell import Doorbell, group_of, ring_from_outside, ring_layer
from teahouse.live.frames import Growth
from tests.live.model_log import ModelLog, settle


class Layer(InMemoryChannelLayer):
    """A layer in memory that counts what it carries, and is down when told so."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.sent: list[dict[str, Any]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.down:
            raise ConnectionError("no layer")
        self.sent.append(message)
        await self.go_on.wait()
        await super().group_send(group, message)

    async def group_add(self, group: str, channel: str) -> None:
        if self.down:
            raise ConnectionError("no layer")
        await super().group_add(group, channel)

    async def receive(self, channel: str) -> dict[str, Any]:
        message: dict[str, Any] = await super().receive(channel)
        if message.get("type") == "break":
            raise ConnectionError("the layer was lost")
        return message


class Ears:
    """A doorbell of one process, and what it heard."""

    def __init__(self, layer: Layer) -> None:
        self.heard: list[Growth] = []
        self.people: list[str] = []
        self.doorbell = Doorbell(layer, self.heard.append, self.people.extend)

    def frames(self) -> list[tuple[int, int]]:
        return [(frame.after, frame.upto) for growth in self.heard for frame in growth.frames]


@pytest.fixture
async def layer() -> Layer:
    return Layer()


@pytest.fixture
async def two(layer: Layer) -> Iterator[tuple[Ears, Ears]]:
    ears = Ears(layer), Ears(layer)
    for one in ears:
        await one.doorbell.start()
        await settle()
        await one.doorbell.watch(7)
    yield ears
    for one in ears:
        await one.doorbell.stop()


async def test_another_process_hears_the_frames(two: tuple[Ears, Ears], log: ModelLog) -> None:
    ours, theirs = two
    growth = log.post("hello")
    ours.doorbell.ring(growth)
    await settle()
    (heard,) = theirs.heard
    assert (heard.log_id, heard.epoch, heard.upto) == (7, "e1", 1)
    assert heard.frames[0].text == growth.frames[0].text


async def test_nobody_hears_his_own_ring(two: tuple[Ears, Ears], log: ModelLog) -> None:
    two[0].doorbell.ring(log.post())
    await settle()
    assert two[0].heard == []


async def test_a_log_that_is_watched_no_longer_is_not_heard(two: tuple[Ears, Ears], log: ModelLog) -> None:
    await two[1].doorbell.unwatch([7])
    two[0].doorbell.ring(log.post())
    await settle()
    assert two[1].heard == []


async def test_what_commits_while_a_ring_is_under_way_goes_into_the_next(
    two: tuple[Ears, Ears], layer: Layer, log: ModelLog
) -> None:
    layer.go_on.clear()
    for _ in range(5):
        two[0].doorbell.ring(log.post())
        await settle()
    layer.go_on.set()
    await settle()
    assert len(layer.sent) == 2
    assert two[1].frames() == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


async def test_what_is_large_is_only_rung(two: tuple[Ears, Ears], log: ModelLog) -> None:
    two[0].doorbell.ring(log.post("x" * 10_000))
    await settle()
    (heard,) = two[1].heard
    assert (heard.upto, heard.frames) == (1, [])


async def test_a_layer_that_is_down_takes_nothing_and_breaks_nothing(
    two: tuple[Ears, Ears], layer: Layer, log: ModelLog, caplog: pytest.LogCaptureFixture
) -> None:
    layer.down = True
    two[0].doorbell.ring(log.post("secret words"))
    await two[1].doorbell.watch(8)
    await settle()
    layer.down = False
    two[0].doorbell.ring(log.post())
    await settle()
    assert two[1].frames() == [(1, 2)]
    assert "the sweep will" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_layer_that_was_lost_is_joined_again(
    two: tuple[Ears, Ears], layer: Layer, log: ModelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0)
    await layer.group_send(group_of(7), {"type": "break"})
    await settle()
    layer.groups.clear()
    await layer.group_add(group_of(7), two[1].doorbell._channel)
    await layer.group_send(group_of(7), {"type": "break"})
    await settle()
    two[0].doorbell.ring(log.post())
    await settle()
    assert two[1].frames() == [(0, 1)]


@pytest.mark.parametrize("odd", [{}, {"from": "x", "frames": 5}, {"from": "x", "frames": [[1]], "log": 7}])
async def test_an_odd_ring_is_ignored(two: tuple[Ears, Ears], layer: Layer, log: ModelLog, odd: dict[str, Any]) -> None:
    await layer.group_send(group_of(7), {"type": "teahouse.ring", **odd})
    two[0].doorbell.ring(log.post())
    await settle()
    assert two[1].frames() == [(0, 1)]


def test_a_layer_in_memory_reaches_nobody_else(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    assert ring_layer() is None
    settings.CHANNEL_LAYERS = {}
    assert ring_layer() is None


def test_a_process_without_a_hub_rings_too(monkeypatch: pytest.MonkeyPatch, log: ModelLog) -> None:
    layer = Layer()
    monkeypatch.setattr(module, "ring_layer", lambda: layer)
    ring_from_outside([log.post()])
    assert [(message["log"], message["upto"]) for message in layer.sent] == [(7, 1)]


def test_a_process_without_a_hub_does_not_fail_for_a_layer_that_is_down(
    monkeypatch: pytest.MonkeyPatch, log: ModelLog, caplog: pytest.LogCaptureFixture
) -> None:
    layer = Layer()
    layer.down = True
    monkeypatch.setattr(module, "ring_layer", lambda: layer)
    ring_from_outside([log.post()])
    assert "the sweep will" in caplog.text


async def test_another_process_hears_who_changed(two: tuple[Ears, Ears], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PEOPLE_IN_A_RING", 2)
    ours, theirs = two
    ours.doorbell.ring_people(["u1", "u2", "u3"])
    await settle()
    assert (ours.people, theirs.people) == ([], ["u1", "u2", "u3"])
    assert not theirs.heard


async def test_a_layer_that_takes_no_ring_of_people_is_left_to_the_sweep(
    two: tuple[Ears, Ears], layer: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = two
    layer.down = True
    ours.doorbell.ring_people(["u1"])
    await settle()
    assert theirs.people == []
    assert "the sweep will" in caplog.text


@pytest.mark.parametrize("uids", [None, 7, {}])
async def test_an_odd_ring_of_people_is_ignored(two: tuple[Ears, Ears], layer: Layer, uids: object) -> None:
    _, theirs = two
    await layer.group_send("teahouse.people", {"type": "teahouse.people", "from": "elsewhere", "uids": uids})
    await layer.group_send("teahouse.people", {"type": "teahouse.people", "from": "elsewhere", "uids": ["u1"]})
    await settle()
    assert theirs.people == ["u1"]
