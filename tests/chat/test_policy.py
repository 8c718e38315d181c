"""Who may what: the default policy and a host's own."""

from typing import Any

import pytest

from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.policy import Policy, policy
from teahouse.models import Room
from tests.chat.policies import Closing, Counted
from tests.chat.talk import Talk

ANN = new_guest("Ann")[0]


def test_by_default_only_the_host_makes_rooms(db: None) -> None:
    assert not Policy().can_create(ANN, Room(address="tea", title="Tea"))


def test_by_default_everybody_enters_an_open_room_and_writes(db: None) -> None:
    room = ensure_room("tea")
    assert Policy().can_see(ANN, room)
    assert Policy().can_enter(ANN, room)
    assert Policy().can_join(ANN, room)
    assert Policy().can_post(ANN, room)


@pytest.mark.parametrize("kind", ["private", "direct"])
def test_by_default_only_members_enter_another_room(talk: Talk, kind: str) -> None:
    talk.did(talk.join("Ann"))
    talk.did(talk.join("Bob"))
    talk.did(talk.leave("Bob"))
    Room.objects.update(kind=kind)
    room = Room.objects.get()
    entered = [name for name in ("Ann", "Bob", "Eve") if Policy().can_see(talk.person(name), room)]
    assert entered == ["Ann"]


def test_the_setting_names_the_hosts_policy(settings: Any) -> None:
    assert type(policy()) is Policy
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    assert type(policy()) is Closing
    assert policy() is policy(), "one object serves all threads"


def test_the_hosts_policy_is_made_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(Counted, "__init__", lambda self: made.append("one"))
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Counted"}
    for _ in range(3):
        policy()
    assert made == ["one"]
