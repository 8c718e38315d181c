"""Invitations: good for so long and so often, told once, and wrong ones told apart by nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import include, path

from teahouse.chat.actions import Join, Moved
from teahouse.chat.invites import (
    good_invites,
    invite_link,
    invite_of,
    invite_row,
    make_invite,
    revoke_invite,
    use_invite,
)
from teahouse.chat.making import create_room, direct_room, ensure_room
from teahouse.chat.managing import accept
from teahouse.chat.people import SITE, new_guest
from teahouse.chat.writing import write
from teahouse.errors import BadField, BadInvite, NotAllowed, TeahouseError
from teahouse.models import Audit, Entry, Invite, Membership, Room
from tests.chat.conftest import Clock
from tests.chat.talk import Talk
from tests.chat.threads import at_once

ANN, BOB, EVE = (new_guest(name)[0] for name in ("Ann", "Bob", "Eve"))


@pytest.fixture
def cellar(talk: Talk) -> Talk:
    """A private room that Olga owns."""
    talk.room = create_room("Cellar", owner=talk.person("Olga"))
    Audit.objects.all().delete()
    return talk


def refusal(code: str, person: Any = ANN) -> tuple[object, ...]:
    with pytest.raises(TeahouseError) as refused:
        accept(code, person)
    return type(refused.value), refused.value.text, refused.value.field, refused.value.retry, refused.value.details


def test_a_code_makes_whoever_shows_it_a_member(cellar: Talk) -> None:
    invite, code = make_invite(cellar.room, cellar.person("Olga"))
    answer = accept(code, ANN)
    assert answer == {
        "room": cellar.room.address,
        "title": "Cellar",
        "kind": "private",
        "seq": 1,
        "role": "member",
    }
    assert Entry.objects.get().kind == Entry.Kind.JOIN
    assert cellar.did(cellar.post("Olga", "welcome")).seq == 2
    assert invite.uses_left is None


def test_only_its_hash_is_kept(cellar: Talk) -> None:
    invite, code = make_invite(cellar.room, cellar.person("Olga"))
    row = Invite.objects.values().get()
    assert code.startswith("i.")
    assert len(code) > 20
    assert not [value for value in row.values() if isinstance(value, str) and code[2:] in value]
    assert invite.secret_hash != make_invite(cellar.room, SITE)[0].secret_hash
    assert code[2:] not in str(list(Audit.objects.values()))


def test_the_same_key_is_the_same_invitation_while_it_is_good(cellar: Talk) -> None:
    olga = cellar.person("Olga")
    (first, code), (again, code_again) = (make_invite(cellar.room, olga, 60, uses=2, key="k") for _ in range(2))
    assert (first, code) == (again, code_again)
    assert Invite.objects.count() == Audit.objects.filter(action="invite").count() == 1
    others = [
        make_invite(cellar.room, olga, 60, uses=2, key="k2"),
        make_invite(cellar.room, SITE, 60, uses=2, key="k"),
        make_invite(create_room("Attic"), olga, 60, uses=2, key="k"),
        make_invite(cellar.room, olga, 61, uses=2, key="k"),
        make_invite(cellar.room, olga, 60, uses=3, key="k"),
    ]
    assert code not in [other for _, other in others]
    assert len({other for _, other in others}) == 5
    revoke_invite(cellar.room, first.pk, olga)
    with pytest.raises(BadInvite):
        make_invite(cellar.room, olga, 60, uses=2, key="k")


def test_who_is_a_member_uses_nothing_up_and_keeps_the_role(cellar: Talk) -> None:
    invite, code = make_invite(cellar.room, cellar.person("Olga"), uses=1)
    assert accept(code, cellar.person("Olga"))["role"] == "owner"
    accept(code, ANN)
    assert refusal(code, BOB)[0] is BadInvite
    invite.refresh_from_db()
    assert invite.uses_left == 0


def test_each_newcomer_is_one_use_and_who_left_comes_back_by_another(cellar: Talk) -> None:
    invite, code = make_invite(cellar.room, cellar.person("Olga"), uses=2)
    cellar._people["Ann"] = ANN
    accept(code, ANN)
    cellar.did(cellar.leave("Ann"))
    accept(code, ANN)
    assert refusal(code, BOB)[0] is BadInvite
    invite.refresh_from_db()
    assert invite.uses_left == 0


def test_an_invitation_ends_with_its_time(cellar: Talk, clock: Clock, settings: Any) -> None:
    settings.TEAHOUSE = {"INVITE_SECONDS": 60}
    (_, by_setting), (_, long), (_, for_ever) = (make_invite(cellar.room, SITE, seconds) for seconds in (None, 90, 0))
    clock.pass_seconds(60)
    assert refusal(by_setting)[0] is BadInvite
    clock.pass_seconds(29.999)
    assert accept(long, ANN)["role"] == "member"
    clock.pass_seconds(0.001)
    assert refusal(long, BOB)[0] is BadInvite
    clock.pass_seconds(10**9)
    assert accept(for_ever, BOB)["role"] == "member"


def test_whatever_is_wrong_with_a_code_is_one_answer(cellar: Talk, clock: Clock) -> None:
    (_, expired), (used, used_up), (taken, revoked) = (make_invite(cellar.room, SITE, 60, uses=1) for _ in range(3))
    (_, archived) = make_invite(create_room("Attic"), SITE)
    Room.objects.filter(title="Attic").update(archived=True)
    Invite.objects.filter(pk=used.pk).update(uses_left=0)
    revoke_invite(cellar.room, taken.pk, SITE)
    _, good = make_invite(cellar.room, SITE, 3600)
    clock.pass_seconds(60)
    cellar.do(cellar.ban("Host", "Olga", granted=True))
    codes = [
        *(expired, used_up, revoked, "", "i.", "i.forged", "g." + good[2:], good[2:], good + "x", good.upper()),
        *("i.\0", "i.\ud800", "i." + "x" * 200),
    ]
    found = [refusal(code) for code in codes]
    assert found == [found[0]] * len(codes)
    assert found[0][0] is BadInvite
    assert refusal(archived) == found[0]
    assert refusal(good, cellar.person("Olga")) == found[0], "who is banned learns no address of a room"
    assert not Membership.objects.filter(person__uid=ANN.uid).exists()


def test_a_code_is_good_for_its_own_room_only(cellar: Talk) -> None:
    invite, _ = make_invite(create_room("Attic"), SITE, uses=1)
    assert isinstance(cellar.refused(Join(cellar.room.pk, ANN, invite.pk)), BadInvite)
    invite.refresh_from_db()
    assert invite.uses_left == 1


def test_an_invitation_of_another_room_is_none_to_who_takes_it_back(cellar: Talk, clock: Clock) -> None:
    own, other = make_invite(cellar.room, SITE, 60)[0], make_invite(create_room("Attic"), SITE)[0]
    texts = set()
    for number in (other.pk, 10**6):
        with pytest.raises(BadInvite) as refused:
            revoke_invite(cellar.room, number, SITE)
        texts.add(refused.value.text.replace(str(number), "…"))
    assert len(texts) == 1
    revoke_invite(cellar.room, own.pk, SITE)
    with pytest.raises(BadInvite):
        revoke_invite(cellar.room, own.pk, SITE)
    assert list(Audit.objects.filter(room=cellar.room).values_list("action", flat=True)) == ["invite", "revoke"]


def test_those_that_are_good_are_listed_the_newest_first_without_their_codes(cellar: Talk, clock: Clock) -> None:
    made = [make_invite(cellar.room, cellar.person("Olga"), *given)[0] for given in ((60,), (0, 3), (0,))]
    make_invite(create_room("Attic"), SITE)
    revoke_invite(cellar.room, made[2].pk, SITE)
    assert [invite.pk for invite in good_invites(cellar.room)] == [made[1].pk, made[0].pk]
    assert [invite_row(invite) for invite in good_invites(cellar.room)] == [
        {"invite": made[1].pk, "made_at": clock.now, "maker": "Olga", "expires_at": None, "uses_left": 3},
        {
            "invite": made[0].pk,
            "made_at": clock.now,
            "maker": "Olga",
            "expires_at": clock.now + 60_000,
            "uses_left": None,
        },
    ]
    clock.pass_seconds(60)
    assert [invite.pk for invite in good_invites(cellar.room)] == [made[1].pk]


def test_the_link_has_its_code_where_no_server_sees_it(rf: RequestFactory, settings: Any) -> None:
    patterns = [path("enter/", print, name="enter")]
    settings.ROOT_URLCONF = (path("chat/", include((patterns, "teahouse"))),)
    assert invite_link("i.abc") == "/chat/enter/#i.abc"
    assert invite_link("i.abc", rf.get("/", SERVER_NAME="example.org")) == "http://example.org/chat/enter/#i.abc"


@pytest.mark.parametrize("given", [{"uses": 0}, {"uses": -1}, {"seconds": -1}])
def test_an_invitation_for_nobody_is_not_made(cellar: Talk, given: dict[str, int]) -> None:
    with pytest.raises(BadField):
        make_invite(cellar.room, SITE, **given)
    assert not Invite.objects.exists()


def test_nobody_is_invited_into_a_room_of_two(db: None) -> None:
    with pytest.raises(NotAllowed):
        make_invite(direct_room(ANN, BOB), SITE)


def test_who_is_refused_uses_nothing_up(cellar: Talk) -> None:
    invite, _ = make_invite(cellar.room, SITE, uses=1)
    cellar.do(cellar.ban("Host", "Olga", granted=True))
    cellar.refused(Join(cellar.room.pk, cellar.person("Olga"), invite.pk))
    invite.refresh_from_db()
    assert invite.uses_left == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_for_the_last_use_one_gets_it() -> None:
    room = create_room("Cellar")
    invite, _ = make_invite(room, SITE, uses=1)
    people = [new_guest(str(number))[0] for number in range(4)]

    def come(number: int) -> Callable[[], list[Any]]:
        return lambda: write([Join(room.pk, people[number], invite.pk)])

    results = [result for (result,) in at_once([come(number) for number in range(4)])]
    assert sorted(type(result).__name__ for result in results) == ["BadInvite"] * 3 + [Moved.__name__]
    assert Membership.objects.count() == 1
    assert Invite.objects.get().uses_left == 0
    connection.close()


def test_a_use_is_one_step_down_and_none_of_what_has_no_number(cellar: Talk, clock: Clock) -> None:
    counted, endless = make_invite(cellar.room, SITE, uses=1)[0], make_invite(cellar.room, SITE)[0]
    room = cellar.room.pk
    assert [use_invite(counted.pk, room, clock.now) for _ in range(2)] == [True, False]
    assert [use_invite(endless.pk, room, clock.now) for _ in range(2)] == [True, True]
    assert not use_invite(endless.pk, ensure_room("tea").pk, clock.now)
    assert Invite.objects.get(pk=endless.pk).uses_left is None


def test_what_a_code_leads_to_is_read_with_its_room(cellar: Talk) -> None:
    _, code = make_invite(cellar.room, SITE)
    assert invite_of(code).room.log.head == 0
