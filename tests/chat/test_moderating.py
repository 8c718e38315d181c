"""Who may do what to whom in a room, what becomes of it, and what the audit trail keeps."""

from itertools import product
from typing import Any

import msgspec
import pytest

from teahouse.chat.actions import Ban, Configure, Done, Join, Moved, Mute, Posted, Remove, SetRole
from teahouse.chat.invites import make_invite
from teahouse.chat.making import direct_room, ensure_room
from teahouse.errors import Banned, NoSuchPerson, NoSuchRoom, NotAllowed
from teahouse.models import Audit, Entry, Invite, Membership, Room
from teahouse.protocol.events import EVERYBODY, GUESTS, Changes
from tests.chat.conftest import Clock
from tests.chat.plans import queries_of
from tests.chat.talk import Talk

RANKS = {"Olga": 3, "Otto": 3, "Mona": 2, "Max": 2, "Ann": 1, "Bob": 1, "Vera": 0, "Vic": 0}


@pytest.fixture
def tended(talk: Talk) -> Talk:
    """Two of each: owners, moderators, members, visitors who said something."""
    talk.come(Olga="owner", Otto="owner", Mona="moderator", Max="moderator", Ann="member", Bob="member")
    talk.do(talk.post("Vera", "hello"), talk.post("Vic", "hello"), talk.post("Ann", "hello"))
    Audit.objects.all().delete()
    return talk


def trail() -> list[tuple[Any, ...]]:
    rows = Audit.objects.order_by("pk").values_list("action", "actor__name", "person__name", "message_seq", "details")
    return [(*row[:4], msgspec.json.decode(row[4]) if row[4] else {}) for row in rows]


def roles() -> dict[str, str]:
    return dict(Membership.objects.values_list("person__name", "role"))


# Who stands above whom


@pytest.mark.parametrize(("by", "whom"), [pair for pair in product(RANKS, RANKS) if pair[0] != pair[1]])
def test_only_who_moderates_and_stands_above_somebody_does_anything_to_them(tended: Talk, by: str, whom: str) -> None:
    may = RANKS[by] >= 2 and RANKS[by] > RANKS[whom]
    for action in (tended.mute(by, whom), tended.remove(by, whom), tended.ban(by, whom), tended.unban(by, whom)):
        (result,) = tended.do(action)
        assert isinstance(result, Done if may else NotAllowed), result
    kept = [action for action, *_ in trail()]
    assert kept == (
        [] if not may else ["mute", "ban", "unban"] if RANKS[whom] == 0 else ["mute", "remove", "ban", "unban"]
    )


def test_nobody_does_it_to_themselves(tended: Talk) -> None:
    for make in (tended.mute, tended.remove, tended.ban):
        assert "yourself" in tended.refused(make("Mona", "Mona")).text


def test_nobody_and_who_has_nothing_to_do_with_the_room_are_the_same_answer(tended: Talk) -> None:
    tended.do(tended.post("Elsewhere", "x", room=ensure_room("cake")))
    nobody, elsewhere = tended.uid("Nobody"), tended.uid("Elsewhere")
    room, mona, olga = tended.room.pk, tended.person("Mona"), tended.person("Olga")
    for make in (
        lambda uid: Remove(room, mona, uid),
        lambda uid: Ban(room, mona, uid, 9),
        lambda uid: Ban(room, mona, uid, 0),
        lambda uid: Mute(room, mona, uid, 9),
        lambda uid: SetRole(room, olga, uid, "owner"),
    ):
        refusals = [tended.refused(make(uid)) for uid in (nobody, elsewhere)]
        assert {(type(found), found.text, found.field) for found in refusals} == {
            (NoSuchPerson, "nobody with this id has to do with this room", "person")
        }


def test_who_only_knocked_in_the_same_batch_has_nothing_to_do_with_the_room(tended: Talk) -> None:
    tended.do(tended.post("Elsewhere", "x", room=ensure_room("cake")))
    Room.objects.filter(pk=tended.room.pk).update(kind=Room.Kind.PRIVATE)
    results = tended.do(tended.join("Elsewhere"), tended.leave("Elsewhere"), tended.ban("Mona", "Elsewhere"))
    assert [type(result) for result in results] == [NoSuchRoom, Moved, NoSuchPerson]


def test_who_says_the_first_word_in_the_batch_of_the_ban_is_banned(tended: Talk) -> None:
    results = tended.do(tended.post("New", "spam"), tended.ban("Mona", "New"), tended.post("New", "more"))
    assert [type(result) for result in results] == [Posted, Done, Banned]
    assert Membership.objects.get(person__name="New").banned_until


def test_the_host_does_it_to_anybody_who_is_known_anywhere(tended: Talk) -> None:
    tended.do(tended.post("Elsewhere", "x", room=ensure_room("cake")))
    for whom in ("Olga", "Elsewhere"):
        tended.did(tended.ban("Host", whom, granted=True))
        assert Membership.objects.get(room=tended.room, person__name=whom).banned_until
    assert isinstance(tended.refused(tended.ban("Host", "Nobody", granted=True)), NoSuchPerson)


def test_a_banned_or_removed_moderator_moderates_no_more_in_the_same_batch(tended: Talk) -> None:
    results = tended.do(
        tended.remove("Olga", "Mona"),
        tended.mute("Mona", "Ann"),
        tended.role("Olga", "Max", "member"),
        tended.ban("Max", "Ann"),
        tended.delete("Max", tended.head(), tended.head()),
    )
    assert [type(result) for result in results] == [Done, NotAllowed, Done, NotAllowed, NotAllowed]


def test_in_a_private_room_who_is_no_member_moderates_nothing_and_learns_nothing(tended: Talk) -> None:
    Room.objects.update(kind=Room.Kind.PRIVATE)
    for action in (
        tended.ban("Vera", "Ann"),
        tended.configure("Vera", locked=True),
        tended.role("Vera", "Vic", "owner"),
    ):
        assert isinstance(tended.refused(action), NoSuchRoom)


# What becomes of it


def test_a_removed_member_may_come_back_and_a_banned_one_not(tended: Talk) -> None:
    tended.did(tended.remove("Mona", "Ann", reason="loud"))
    assert roles()["Ann"] == ""
    assert tended.did(tended.join("Ann")).role == "member"
    tended.did(tended.ban("Mona", "Ann", until=10**15, reason="louder"))
    assert (roles()["Ann"], Membership.objects.get(person__name="Ann").banned_until) == ("", 10**15)
    tended.did(tended.unban("Max", "Ann"))
    assert roles()["Ann"] == "", "a membership does not come back by itself"
    assert tended.did(tended.join("Ann")).role == "member"
    assert trail() == [
        ("remove", "Mona", "Ann", None, {"reason": "loud"}),
        ("ban", "Mona", "Ann", None, {"until": 10**15, "reason": "louder"}),
        ("unban", "Max", "Ann", None, {}),
    ]


def test_what_stands_so_already_is_no_entry_and_no_deed(tended: Talk, clock: Clock) -> None:
    tended.do(tended.ban("Mona", "Vic"), tended.mute("Mona", "Ann"), tended.remove("Mona", "Bob"))
    tended.did(tended.configure("Olga", locked=True))
    tended.did(tended.mute("Mona", "Vera", until=clock.now + 1000))
    clock.pass_seconds(1)
    head, kept = tended.head(), len(trail())
    results = tended.do(
        tended.ban("Max", "Vic"),
        tended.mute("Max", "Ann"),
        tended.remove("Max", "Bob"),
        tended.unban("Max", "Ann"),
        tended.mute("Max", "Vera", until=0),
        tended.role("Olga", "Max", "moderator"),
        tended.configure("Mona", locked=True),
    )
    assert all(isinstance(result, Done) for result in results)
    assert (tended.head(), len(trail())) == (head, kept)


def test_every_deed_is_an_entry_that_names_its_kind_its_person_and_who_did_it(tended: Talk) -> None:
    before = tended.head()
    tended.do(
        tended.mute("Mona", "Ann"),
        tended.role("Olga", "Ann", "moderator"),
        tended.remove("Olga", "Ann"),
        tended.ban("Mona", "Vic"),
        tended.unban("Mona", "Vic"),
        tended.configure("Mona", locked=True),
        tended.rights_changed("Bob"),
        tended.rights_changed(),
    )
    kind = Entry.Kind
    rows = Entry.objects.filter(seq__gt=before).order_by("seq").values_list("kind", "member__name", "actor__name")
    assert list(rows) == [
        (kind.MUTE, "Ann", "Mona"),
        (kind.ROLE, "Ann", "Olga"),
        (kind.REMOVE, "Ann", "Olga"),
        (kind.BAN, "Vic", "Mona"),
        (kind.UNBAN, "Vic", "Mona"),
        (kind.CONFIGURE, None, "Mona"),
        (kind.RIGHTS, "Bob", "site"),
        (kind.RIGHTS, None, "site"),
    ]


def test_an_event_ends_with_the_entry_that_may_end_a_right_and_names_whose(tended: Talk) -> None:
    tended.committed.clear()
    before = tended.head()
    tended.do(
        tended.post("Bob", "one"),
        tended.remove("Mona", "Ann"),
        tended.mute("Mona", "Bob"),
        tended.role("Olga", "Max", "member"),
        tended.leave("Bob"),
        tended.ban("Mona", "Vic"),
        tended.unban("Mona", "Vic"),
        tended.configure("Olga", kind="private", title="Green tea"),
    )
    names = {tended.uid(name): name for name in RANKS} | {EVERYBODY: "all", GUESTS: "guests"}
    events: list[Changes] = tended.live()
    assert [(event.upto - before, [names[uid] for uid in event.rights]) for event in events] == [
        (2, ["Ann"]),
        (4, ["Max"]),
        (5, ["Bob"]),
        (6, ["guests"]),
        (9, ["all"]),
    ]
    assert Room.objects.get().rights == tended.head() == before + 9
    assert events[-1].info is not None
    assert (events[-1].info.title, events[-1].info.kind, events[-1].info.changed) == (
        "Green tea",
        "private",
        before + 8,
    )


def test_a_moderator_deletes_anybodys_message_and_it_is_kept_who_did(tended: Talk) -> None:
    seq = tended.head()
    tended.did(tended.delete("Mona", seq, seq))
    assert trail() == [("delete", "Mona", "Ann", seq, {})]
    own = tended.did(tended.post("Mona", "mine")).seq
    tended.did(tended.delete("Mona", own, own))
    assert len(trail()) == 1, "to take back one's own words is no deed"


def test_a_batch_that_is_done_again_for_its_keys_keeps_each_deed_once(tended: Talk) -> None:
    post = tended.post("Ann", "again")
    tended.did(post)
    invite, _ = make_invite(tended.room, tended.person("Olga"), uses=5)
    Audit.objects.all().delete()
    by_invitation = Join(tended.room.pk, tended.person("Eve"), invite.pk)
    *_, repeated = tended.do(tended.mute("Mona", "Vic"), by_invitation, post)
    assert isinstance(repeated, Posted)
    assert repeated.repeat
    assert [action for action, *_ in trail()] == ["mute"]
    assert Invite.objects.get(pk=invite.pk).uses_left == 4


# Roles


def test_only_owners_give_roles_and_none_takes_anothers_ownership(tended: Talk) -> None:
    for by in ("Mona", "Ann", "Vera"):
        assert isinstance(tended.refused(tended.role(by, "Bob", "moderator")), NotAllowed)
    assert isinstance(tended.refused(tended.role("Olga", "Otto", "member")), NotAllowed)
    tended.did(tended.role("Olga", "Bob", "owner"))
    tended.did(tended.role("Bob", "Mona", "member"))
    assert (roles()["Bob"], roles()["Mona"]) == ("owner", "member")
    assert trail() == [
        ("role", "Olga", "Bob", None, {"before": "member", "role": "owner"}),
        ("role", "Bob", "Mona", None, {"before": "moderator", "role": "member"}),
    ]


def test_a_visitor_and_who_left_have_no_role_to_be_given(tended: Talk) -> None:
    tended.did(tended.leave("Bob"))
    for name in ("Vera", "Bob"):
        assert isinstance(tended.refused(tended.role("Olga", name, "moderator")), NoSuchPerson)


def test_an_owner_steps_down_or_leaves_only_while_another_is_there(tended: Talk) -> None:
    tended.did(tended.role("Otto", "Otto", "member"))
    for action in (tended.role("Olga", "Olga", "moderator"), tended.leave("Olga")):
        assert "only owner" in tended.refused(action).text
    # As the batch leaves them, and not as they are stored.
    results = tended.do(tended.role("Olga", "Ann", "owner"), tended.leave("Olga"), tended.leave("Ann"))
    assert [isinstance(result, NotAllowed) for result in results] == [False, False, True]


def test_an_owner_who_goes_makes_nobody_read_all_members(tended: Talk) -> None:
    tended.did(tended.role("Otto", "Otto", "member"))
    asked = queries_of(lambda: tended.refused(tended.leave("Olga")))
    others = [sql for sql in asked if "teahouse_membership" in sql and "wanted" not in sql]
    assert others
    assert all(sql.endswith("LIMIT 1") for sql in others)


def test_the_last_of_all_may_leave_but_not_become_a_member_without_an_owner(talk: Talk) -> None:
    talk.come(Olga="owner")
    assert isinstance(talk.refused(talk.role("Olga", "Olga", "member")), NotAllowed)
    assert talk.did(talk.leave("Olga")).role is None


def test_from_a_direct_room_each_may_go(talk: Talk) -> None:
    talk.room = direct_room(talk.person("Ann"), talk.person("Bob"))
    assert isinstance(talk.refused(talk.configure("Host", kind="open", granted=True)), NotAllowed)
    assert talk.did(talk.leave("Ann")).role is None


# What a room is


@pytest.mark.parametrize(
    ("change", "rank"),
    [
        ({"title": "Green tea"}, 3),
        ({"kind": "private"}, 3),
        ({"archived": True}, 3),
        ({"locked": True}, 2),
        ({"slow_seconds": 5}, 2),
    ],
)
def test_a_room_is_changed_by_whom_the_change_belongs_to(tended: Talk, change: dict[str, Any], rank: int) -> None:
    (name,) = change
    before = getattr(tended.room, name)
    for by in ("Vera", "Ann", "Mona", "Olga"):
        (result,) = tended.do(Configure(tended.room.pk, tended.person(by), **change))
        assert isinstance(result, Done if RANKS[by] >= rank else NotAllowed)
    assert getattr(Room.objects.get(), name) == change[name]
    assert [(action, details) for action, _, _, _, details in trail()] == [
        ("configure", {name: [before, change[name]]})
    ]


def test_a_change_that_holds_one_thing_too_much_changes_nothing(tended: Talk) -> None:
    refusal = tended.refused(tended.configure("Mona", locked=True, title="Mine"))
    assert (type(refusal), refusal.field) == (NotAllowed, "title")
    assert not Room.objects.get().locked


def test_the_rows_of_a_room_say_that_it_must_look_for_memberships(tended: Talk) -> None:
    assert not Room.objects.get().guarded
    tended.did(tended.mute("Mona", "Ann"))
    tended.did(tended.mute("Mona", "Ann", until=0))
    assert Room.objects.get().guarded
