"""Who may what: the default policy and a host's own."""

from asyncio import CancelledError
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

import teahouse
from teahouse.chat.commands import perform
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.policy import Policy, has_own_policy, is_own, leaves_writing_to_the_tables, may, policy
from teahouse.chat.rooms import enter
from teahouse.errors import NoSuchRoom
from teahouse.models import Room
from teahouse.protocol import commands as said
from tests.chat.policies import Broken, Closing, Counted
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


# What becomes of a host's answer


@pytest.fixture
def broken(talk: Talk, settings: Any) -> Room:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Broken"}
    return Room.objects.select_related("log").get()


def test_a_policy_that_raises_says_no_and_its_words_reach_the_log_alone(
    broken: Room, caplog: pytest.LogCaptureFixture
) -> None:
    assert not may("can_see", ANN, broken)
    assert "Broken.can_see failed, which counts as no" in caplog.text
    assert "the host's own words" in caplog.text
    with pytest.raises(NoSuchRoom) as refused:
        enter("tea", ANN)
    assert refused.value.text == "there is no room 'tea', or none that you may see"


def test_no_answer_is_no(broken: Room) -> None:
    assert may("can_post", ANN, broken) is False


def test_a_coroutine_is_no_answer_and_says_what_to_write(broken: Room, caplog: pytest.LogCaptureFixture) -> None:
    """It would be true, whatever it came to."""
    assert not may("can_moderate", ANN, broken)
    assert "write def instead of async def" in caplog.text


class Promise:
    """What a host's asynchronous code may hand out."""

    def __await__(self) -> Iterator[None]:
        yield


@pytest.mark.parametrize("raised", [SystemExit, GeneratorExit, StopIteration, CancelledError])
def test_whatever_a_policy_raises_it_ends_no_server(
    broken: Room, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
) -> None:
    def end(*asked: Any) -> bool:
        raise raised

    monkeypatch.setattr(Broken, "can_post", end)
    assert may("can_post", ANN, broken) is False


@pytest.mark.parametrize(
    "answer",
    [(one for one in ()), filter(None, [0]), Promise(), NotImplemented, "no".isupper],
    ids=lambda answer: type(answer).__name__,
)
def test_what_would_be_yes_whatever_it_comes_to_is_no_answer(
    broken: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    monkeypatch.setattr(Broken, "can_post", lambda *asked: answer)
    assert may("can_post", ANN, broken) is False
    assert "return True or False" in caplog.text


def test_a_lost_database_is_no_answer_of_the_policy(broken: Room) -> None:
    with pytest.raises(OperationalError):
        may("can_invite", ANN, broken)


def test_which_rights_are_the_hosts_own_is_known_by_what_it_overrides(settings: Any) -> None:
    assert not has_own_policy()
    assert leaves_writing_to_the_tables()
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Creating"}
    assert has_own_policy()
    assert leaves_writing_to_the_tables(), "who makes rooms is asked for no message"
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    assert (is_own("can_see"), is_own("can_enter"), is_own("can_enter", "can_post")) == (True, False, True)
    assert not leaves_writing_to_the_tables()


def test_by_default_roles_moderate_and_invite_and_members_may_see(talk: Talk) -> None:
    talk.come(Olga="owner", Mona="moderator", Ann="member")
    room, policy = talk.room, Policy()
    looked_after = [name for name in ("Olga", "Mona", "Ann", "Eve") if policy.can_moderate(talk.person(name), room)]
    inviting = [name for name in ("Olga", "Mona", "Ann", "Eve") if policy.can_invite(talk.person(name), room)]
    assert looked_after == inviting == ["Olga", "Mona"]
    assert [policy.role_of(talk.person(name), room) for name in ("Mona", "Ann", "Eve")] == ["moderator", "member", None]
    Room.objects.update(kind=Room.Kind.PRIVATE)
    assert not policy.can_join(talk.person("Eve"), Room.objects.get())


def test_a_host_may_open_a_private_room_to_somebody_without_membership(talk: Talk, settings: Any) -> None:
    talk.come(Olga="owner")
    talk.did(talk.configure("Olga", kind="private"))
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Admitting"}
    vic = talk.person("Vic")
    assert perform(said.Post(id=1, room="tea", key="k", text="x"), vic)[0]["seq"] == 5
    assert perform(said.Join(id=1, room="tea"), vic)[0]["role"] == "member"
    with pytest.raises(NoSuchRoom):
        perform(said.Post(id=1, room="tea", key="k", text="x"), talk.person("Eve"))
    teahouse.ban("tea", vic)
    with pytest.raises(NoSuchRoom):
        perform(said.Post(id=1, room="tea", key="k2", text="x"), vic)
