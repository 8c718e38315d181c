"""What stands beside a room's log, by command: who may ask, what the answers are, and rights that end meanwhile."""

from typing import Any

import pytest

from teahouse.chat import managing, rooms
from teahouse.chat.actions import AskAgain
from teahouse.chat.commands import perform
from teahouse.chat.managing import manage, members
from teahouse.errors import Banned, NoSuchMessage, NoSuchRoom, NotAllowed
from teahouse.models import Audit, Invite
from teahouse.protocol import commands as said
from teahouse.protocol.codec import encode
from tests.chat.conftest import Clock
from tests.chat.policies import Fickle
from tests.chat.talk import Talk

BY_MODERATORS: list[said.Managing] = [
    said.Invite(id=1, room="tea"),
    said.Invites(id=1, room="tea"),
    said.Revoke(id=1, room="tea", invite=1),
    said.Reports(id=1, room="tea"),
    said.Resolve(id=1, room="tea", report=1),
    said.Audit(id=1, room="tea"),
]


@pytest.fixture
def tended(talk: Talk) -> Talk:
    talk.come(Olga="owner", Mona="moderator", Ann="member")
    talk.say("hello")
    Audit.objects.all().delete()
    return talk


def answer(talk: Talk, command: said.Command, name: str) -> dict[str, Any]:
    fields, events = perform(command, talk.person(name))
    assert events == []
    encode(fields)
    return fields


@pytest.mark.parametrize("command", BY_MODERATORS, ids=lambda command: type(command).__name__)
def test_what_is_the_moderators_affair_is_told_and_done_for_nobody_else(tended: Talk, command: said.Managing) -> None:
    for name in ("Ann", "Visitor"):
        with pytest.raises(NotAllowed):
            perform(command, tended.person(name))
    assert not Invite.objects.exists()
    assert not Audit.objects.exists()


@pytest.mark.parametrize(
    "command",
    [*BY_MODERATORS, said.Members(id=1, room="tea"), said.Report(id=1, room="tea", seq=7)],
    ids=lambda command: type(command).__name__,
)
def test_a_room_that_one_may_not_see_is_none_for_each_of_these(tended: Talk, command: said.Managing) -> None:
    tended.did(tended.configure("Olga", kind="private"))
    tended.did(tended.ban("Olga", "Mona"))
    texts = set()
    for name in ("Mona", "Stranger"):
        with pytest.raises(NoSuchRoom) as refused:
            perform(command, tended.person(name))
        texts.add(refused.value.text)
    assert len(texts) == 1


def test_an_invitation_by_command_is_told_with_its_code_once(tended: Talk) -> None:
    made = answer(tended, said.Invite(id=1, room="tea", seconds=60, uses=3), "Mona")
    assert made.keys() == {"room", "invite", "code", "made_at", "maker", "expires_at", "uses_left"}
    listed = answer(tended, said.Invites(id=1, room="tea"), "Olga")
    assert listed["invites"] == [{name: made[name] for name in made if name not in ("room", "code")}]
    joined = answer(tended, said.Accept(id=1, code=made["code"]), "Eve")
    assert (joined["room"], joined["role"]) == ("tea", "member")
    assert answer(tended, said.Revoke(id=1, room="tea", invite=made["invite"]), "Olga")["invite"] == made["invite"]
    assert answer(tended, said.Invites(id=1, room="tea"), "Olga")["invites"] == []


def test_a_report_by_command_waits_for_moderators_and_is_resolved(tended: Talk) -> None:
    seq = tended.head()
    number = answer(tended, said.Report(id=1, room="tea", seq=seq, reason="rude"), "Visitor")["report"]
    (row,) = answer(tended, said.Reports(id=1, room="tea"), "Mona")["reports"]
    assert (row["report"], row["reporter"].name, row["message"].seq) == (number, "Visitor", seq)
    assert answer(tended, said.Resolve(id=1, room="tea", report=number, outcome="ok"), "Mona")["report"] == number
    assert answer(tended, said.Reports(id=1, room="tea"), "Mona")["reports"] == []
    trail = answer(tended, said.Audit(id=1, room="tea"), "Mona")
    assert ([row["action"] for row in trail["audit"]], trail["more"]) == (["resolve"], False)
    with pytest.raises(NoSuchMessage):
        perform(said.Report(id=1, room="tea", seq=99), tended.person("Visitor"))


def test_members_are_told_by_their_roles_and_who_is_barred_to_moderators_alone(tended: Talk, clock: Clock) -> None:
    tended.do(tended.post("Vera", "x"), tended.post("Vic", "x"), tended.join("Bob"), tended.leave("Bob"))
    tended.do(tended.ban("Mona", "Vera"), tended.mute("Mona", "Vic", until=clock.now + 1000))

    def told(name: str) -> list[tuple[str, str | None]]:
        rows = answer(tended, said.Members(id=1, room="tea"), name)["members"]
        return [(row.person.name, row.role) for row in rows]

    everybody = [("Olga", "owner"), ("Mona", "moderator"), ("Ann", "member")]
    assert told("Ann") == told("Stranger") == everybody
    assert told("Mona") == [*everybody, ("Vera", None), ("Vic", None)]
    clock.pass_seconds(1)
    assert told("Mona") == [*everybody, ("Vera", None)]
    tended.did(tended.ban("Mona", "Vera", until=clock.now + 1000))
    clock.pass_seconds(1)
    assert told("Mona") == everybody
    assert [row.person.name for row in members(tended.room, with_barred=False)] == ["Olga", "Mona", "Ann"]


def test_of_more_members_than_are_named_those_who_matter_are(tended: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    tended.do(*(tended.join(name) for name in ("Ada", "Bob", "Cy", "Dan")), tended.post("Vera", "x"))
    tended.do(tended.role("Olga", "Dan", "owner"), tended.mute("Mona", "Cy"), tended.ban("Mona", "Vera"))
    monkeypatch.setattr(managing, "MOST_MEMBERS", 5)
    named = [row.person.name for row in members(tended.room, with_barred=True)]
    assert named == ["Dan", "Olga", "Mona", "Cy", "Vera"]
    monkeypatch.setattr(managing, "MOST_MEMBERS", 3)
    assert [row.person.name for row in members(tended.room, with_barred=False)] == ["Dan", "Olga", "Mona"]


def test_who_is_banned_reports_nothing(tended: Talk) -> None:
    tended.did(tended.ban("Mona", "Ann"))
    with pytest.raises(Banned):
        perform(said.Report(id=1, room="tea", seq=tended.head()), tended.person("Ann"))


def test_nothing_is_done_by_a_right_that_ended_while_it_was_asked(
    tended: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mona loses her role after the question and before the room is locked."""
    ask = rooms.may

    def slowly(right: str, *of: Any) -> bool:
        answer = ask(right, *of)
        if right == "can_invite" and answer:
            tended.did(tended.role("Olga", "Mona", "member"))
        return answer

    monkeypatch.setattr(rooms, "may", slowly)
    with pytest.raises(NotAllowed):
        manage(said.Invite(id=1, room="tea"), tended.person("Mona"), tended.room)
    assert not Invite.objects.exists()


def test_rights_that_never_come_to_rest_are_asked_for_a_few_times_only(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Fickle"}
    Fickle.left = 2
    assert perform(said.Invite(id=1, room="tea"), talk.person("Ann"))[0]["code"]
    Fickle.left = 9
    with pytest.raises(AskAgain):
        perform(said.Invite(id=1, room="tea"), talk.person("Ann"))
    Fickle.left = 0
    assert Invite.objects.count() == 1


@pytest.mark.parametrize("kind", [said.Members, said.Invite])
def test_who_comes_and_goes_keeps_nobody_else_from_anything(
    kind: type[said.Managing], tended: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_somebody_leaves(*asked: Any) -> tuple[int, int]:
        tended.do(tended.join("Eve"), tended.leave("Eve"))
        return numbers(*asked)

    numbers = rooms._numbers
    monkeypatch.setattr(rooms, "_numbers", while_somebody_leaves)
    assert manage(kind(id=1, room="tea"), tended.person("Mona"), tended.room)["room"] == "tea"


@pytest.mark.parametrize("command", [said.Members(id=1, room="tea"), said.Reports(id=1, room="tea")])
def test_nothing_is_told_by_a_right_that_ended_while_it_was_read(
    command: said.Managing, tended: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tended.do(tended.configure("Olga", kind="private"))

    def read(*args: Any, **kwargs: Any) -> list[Any]:
        tended.do(tended.remove("Olga", "Mona"))
        return []

    monkeypatch.setattr(managing, "members", read)
    monkeypatch.setattr(managing, "waiting_reports", read)
    with pytest.raises(NoSuchRoom):
        answer(tended, command, "Mona")
