"""What a host's code does to rooms and people: by its own word, in somebody's name, or by somebody's rights."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

import teahouse
from teahouse.chat.hosting import end_of_ban, until
from teahouse.chat.people import identity_of_user, new_guest
from teahouse.chat.rooms import room_at
from teahouse.errors import (
    BadField,
    BadInvite,
    BadRoomName,
    BadText,
    NoSuchMessage,
    NoSuchPerson,
    NoSuchReport,
    NoSuchRoom,
    NotAllowed,
)
from teahouse.models import FOREVER, Audit, Entry, Membership, Person, Room
from tests.chat.conftest import Clock
from tests.chat.talk import Talk

MakeUser = Callable[..., User]


@pytest.fixture
def olga(talk: Talk, make_user: MakeUser) -> User:
    olga = make_user("olga")
    teahouse.join("tea", olga)
    teahouse.set_role("tea", olga, "owner")
    Audit.objects.all().delete()
    return olga


def place(user: User) -> Membership:
    return Membership.objects.get(person__user=user)


def actors() -> list[tuple[str, str]]:
    return list(Audit.objects.order_by("pk").values_list("action", "actor__name"))


def test_the_host_does_everything_without_a_right_and_is_named_in_the_trail(talk: Talk, make_user: MakeUser) -> None:
    bob = make_user("bob")
    teahouse.join("tea", bob)
    teahouse.set_role("tea", bob, "moderator")
    assert place(bob).role == "moderator"
    teahouse.mute("tea", bob)
    assert place(bob).muted_until == FOREVER
    teahouse.mute("tea", bob, seconds=0)
    assert place(bob).muted_until == 0
    teahouse.remove("tea", bob, reason=" too \n loud ")
    assert place(bob).role == ""
    teahouse.ban("tea", bob)
    assert place(bob).banned_until == FOREVER
    teahouse.join("tea", bob)
    teahouse.unban("tea", bob)
    assert (place(bob).banned_until, place(bob).role) == (0, "member")
    teahouse.configure("tea", title=" Green  tea ", kind="private", slow_seconds=5)
    assert (room_at("tea").title, room_at("tea").kind, room_at("tea").slow_seconds) == ("Green tea", "private", 5)
    teahouse.leave(talk.room, bob)
    assert actors() == [(word, "site") for word in ("role", "mute", "unmute", "remove", "ban", "unban", "configure")]
    assert Audit.objects.get(action="remove").details == '{"reason":"too loud"}'


def test_in_somebodys_name_their_rights_are_looked_at(talk: Talk, olga: User, make_user: MakeUser) -> None:
    bob, eve = make_user("bob"), make_user("eve")
    teahouse.join("tea", bob)
    calls: list[Callable[[User], Any]] = [
        lambda by: teahouse.mute("tea", bob, by=by),
        lambda by: teahouse.set_role("tea", bob, "moderator", by=by),
        lambda by: teahouse.remove("tea", bob, by=by),
        lambda by: teahouse.ban("tea", bob, by=by),
        lambda by: teahouse.unban("tea", bob, by=by),
        lambda by: teahouse.configure("tea", locked=True, by=by),
        lambda by: teahouse.revoke("tea", teahouse.invite("tea", by=by).id, by=by),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call(eve)
    assert not actors()
    for call in calls:
        call(olga)
    assert actors() == [
        (word, "olga") for word in ("mute", "role", "remove", "ban", "unban", "configure", "invite", "revoke")
    ]


def test_granted_by_the_host_it_is_done_in_the_name_of_who_has_no_right(
    talk: Talk, olga: User, make_user: MakeUser
) -> None:
    eve = make_user("eve")
    teahouse.ban("tea", olga, by=eve, granted=True)
    invitation = teahouse.invite("tea", by=eve, granted=True)
    teahouse.revoke("tea", invitation.id, by=eve, granted=True)
    assert place(olga).role == ""
    assert actors() == [("ban", "eve"), ("invite", "eve"), ("revoke", "eve")]


def test_in_somebodys_name_the_policy_is_asked_too(talk: Talk, olga: User, make_user: MakeUser, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Staffed"}
    sue, mona, bob = (make_user(name, first_name=name) for name in ("Sue", "Mona", "Bob"))
    for person in (mona, bob):
        teahouse.join("tea", person)
    teahouse.set_role("tea", mona, "moderator")
    teahouse.mute("tea", bob, by=sue)
    with pytest.raises(NotAllowed):
        teahouse.mute("tea", bob, seconds=0, by=mona)
    with pytest.raises(NotAllowed):
        teahouse.remove("tea", olga, by=sue)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda who: teahouse.ban("tea", who, seconds=0), BadField),
        (lambda who: teahouse.ban("tea", who, seconds=-5), BadField),
        (lambda who: teahouse.mute("tea", who, seconds=10**12), BadField),
        (lambda who: teahouse.remove("tea", who, reason="x" * 501), BadField),
        (lambda who: teahouse.remove("tea", who, reason="\0"), BadText),
        (lambda who: teahouse.set_role("tea", who, "king"), BadField),
        (lambda who: teahouse.set_role("tea", who, "owner"), NoSuchPerson),
        (lambda who: teahouse.configure("tea", kind="direct"), BadField),
        (lambda who: teahouse.configure("tea", slow_seconds=-1), BadField),
        (lambda who: teahouse.configure("tea", locked="yes"), BadField),
        (lambda who: teahouse.configure("tea", title="a/b"), BadRoomName),
        (lambda who: teahouse.configure("tea", colour="red"), TypeError),
        (lambda who: teahouse.join("nowhere", who), NoSuchRoom),
        (lambda who: teahouse.invite("tea", uses=0), BadField),
        (lambda who: teahouse.invite("tea", seconds=-1), BadField),
        (lambda who: teahouse.revoke("tea", 77), BadInvite),
        (lambda who: teahouse.accept("i.forged", who), BadInvite),
        (lambda who: teahouse.report("tea", 77, who), NoSuchMessage),
        (lambda who: teahouse.resolve("tea", 77), NoSuchReport),
        (lambda who: teahouse.rights_changed(), TypeError),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    talk: Talk, make_user: MakeUser, call: Callable[[User], None], error: type[Exception]
) -> None:
    bob = make_user("bob")
    with pytest.raises(error):
        call(bob)
    assert (talk.head(), Audit.objects.count(), Membership.objects.count()) == (0, 0, 0)


def test_the_field_of_what_a_room_cannot_be_is_named(talk: Talk) -> None:
    with pytest.raises(BadField) as refused:
        teahouse.configure("tea", title="Tea", slow_seconds=10**6)
    assert refused.value.field == "slow_seconds"


def test_an_invitation_is_made_told_once_used_and_taken_back(talk: Talk, make_user: MakeUser) -> None:
    room = teahouse.create_room("Cellar")
    bob, eve = make_user("bob"), make_user("eve")
    invitation = teahouse.invite(room, uses=2)
    assert teahouse.accept(invitation.code, bob).pk == room.pk
    teahouse.revoke(room, invitation.id)
    with pytest.raises(BadInvite):
        teahouse.accept(invitation.code, eve)
    assert [place(bob).role, Membership.objects.count()] == ["member", 1]


def test_a_report_is_made_and_resolved(talk: Talk, make_user: MakeUser) -> None:
    talk.say("rude")
    bob = make_user("bob")
    number = teahouse.report("tea", 1, bob, reason="rude")
    with pytest.raises(NotAllowed):
        teahouse.resolve("tea", number, by=bob)
    teahouse.resolve("tea", number, outcome="let it be")
    with pytest.raises(NoSuchReport):
        teahouse.resolve("tea", number)
    assert actors() == [("resolve", "site")]


def test_changed_rights_are_an_entry_of_the_room_for_one_or_for_all(talk: Talk, make_user: MakeUser) -> None:
    bob = make_user("bob")
    teahouse.rights_changed("tea")
    teahouse.rights_changed(talk.room, bob)
    named = Entry.objects.filter(kind=Entry.Kind.RIGHTS).order_by("seq").values_list("member__user", flat=True)
    assert list(named) == [None, bob.pk]
    assert room_at("tea").rights == 2


def test_changed_rights_of_a_person_are_a_number_of_theirs(talk: Talk, make_user: MakeUser) -> None:
    bob, ann = make_user("bob"), make_user("ann")
    for user in (bob, ann):
        identity_of_user(user)
    teahouse.rights_changed(person=bob)
    assert Person.objects.get(user=bob).rights > Person.objects.get(user=ann).rights
    assert talk.head() == 0


def test_what_is_done_in_a_transaction_is_heard_at_its_end_or_never(talk: Talk, make_user: MakeUser) -> None:
    bob = make_user("bob")
    with transaction.atomic():
        teahouse.join("tea", bob)
        transaction.set_rollback(True)
    assert (talk.head(), talk.committed) == (0, [])


def test_a_guest_is_somebody_too(talk: Talk) -> None:
    guest = new_guest("Gus")[0]
    teahouse.ban("tea", guest)
    assert Membership.objects.get().person.uid == guest.uid


def test_times_are_told_from_now(clock: Clock) -> None:
    assert (until(None), until(0), until(60)) == (FOREVER, 0, clock.now + 60_000)
    assert end_of_ban(1) == clock.now + 1000


def test_every_name_of_the_package_is_there() -> None:
    assert [name for name in teahouse.__all__ if not callable(getattr(teahouse, name))] == []
    assert sorted(teahouse.__all__) == sorted(teahouse._HOMES)
    assert not hasattr(teahouse, "nonsense")
    assert Room.__name__ == "Room"
