"""What the tables let somebody do at the moment of the write: bans, mutes, lock, archive, slow mode, and numbers."""

from typing import Any

import pytest
from msgspec.structs import replace

from teahouse.chat.actions import AskAgain, Join, Posted, PostMessage, Rights
from teahouse.chat.commands import perform
from teahouse.chat.invites import make_invite
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity
from teahouse.errors import Banned, Muted, NoSuchRoom, NotAllowed, RateLimited, RoomArchived, RoomLocked
from teahouse.models import FOREVER, Membership, Person, Room
from teahouse.protocol import commands as said
from tests.chat.conftest import Clock
from tests.chat.policies import Fickle
from tests.chat.talk import Talk


@pytest.fixture
def tended(talk: Talk) -> Talk:
    """A room with an owner, a moderator, and two members, one of whom said something."""
    talk.come(Olga="owner", Mona="moderator", Ann="member", Bob="member")
    talk.say("hello")
    return talk


def everything(talk: Talk, name: str, seq: int) -> list[Any]:
    return [
        talk.post(name, "x"),
        talk.edit(name, seq, seq, "x"),
        talk.delete(name, seq, seq),
        talk.join(name),
        talk.read(name, seq),
    ]


# Bans


def test_who_is_banned_does_nothing_in_an_open_room_and_is_told_so(tended: Talk) -> None:
    seq = tended.head()
    tended.did(tended.ban("Mona", "Ann"))
    head = tended.head()
    assert {type(tended.refused(action)) for action in everything(tended, "Ann", seq)} == {Banned}
    assert tended.head() == head


def test_a_banned_member_of_a_private_room_is_told_what_a_stranger_is(tended: Talk) -> None:
    tended.did(tended.configure("Olga", kind="private"))
    tended.did(tended.ban("Mona", "Ann"))
    refusals = [tended.refused(tended.post(name, "x")) for name in ("Ann", "Stranger")]
    assert [(type(found), found.text, found.field) for found in refusals] == [
        (NoSuchRoom, "there is no room 'tea', or none that you may see", "room")
    ] * 2


def test_a_ban_for_a_time_ends_by_itself(tended: Talk, clock: Clock) -> None:
    tended.did(tended.ban("Mona", "Ann", until=clock.now + 60_000))
    clock.pass_seconds(59.999)
    assert isinstance(tended.refused(tended.join("Ann")), Banned)
    clock.pass_seconds(0.001)
    assert tended.did(tended.join("Ann")).role == "member"


def test_a_guests_ban_counts_for_other_guests_of_the_network_for_a_time(talk: Talk, clock: Clock) -> None:
    talk.come(Olga="owner")
    talk.room.refresh_from_db()
    troll, again, far, user = (
        Identity("g1", "Troll", "guest", network="n1"),
        Identity("g2", "Troll", "guest", network="n1"),
        Identity("g3", "Far", "guest", network="n2"),
        Identity("u1", "User", "user", user_id=None, network="n1"),
    )

    def refusal(who: Identity) -> Any:
        (result,) = talk.do(PostMessage(talk.room.pk, who, f"k{clock.now}", "x"))
        return None if isinstance(result, Posted) else type(result)

    assert [refusal(who) for who in (troll, again, far, user)] == [None] * 4
    talk._people["Troll"] = troll
    talk.did(talk.ban("Olga", "Troll"))
    clock.pass_seconds(1)
    assert [refusal(who) for who in (troll, again, far, user)] == [Banned, Banned, None, None]
    clock.pass_seconds(24 * 3600)
    assert [refusal(who) for who in (troll, again)] == [Banned, None], "the person stays banned, the network does not"


def test_a_guests_network_is_free_when_the_last_ban_of_it_is_lifted(talk: Talk) -> None:
    talk.come(Olga="owner")
    for name in ("g1", "g2", "g3"):
        talk._people[name] = Identity(name, name, "guest", network="n")
    talk.do(talk.post("g1", "x"), talk.post("g2", "x"))
    # In one batch, and so by what the batch holds.
    one = talk.do(talk.ban("Olga", "g1"), talk.ban("Olga", "g2"), talk.unban("Olga", "g1"), talk.post("g3", "x"))
    assert isinstance(one[-1], Banned)
    two = talk.do(talk.unban("Olga", "g2"), talk.post("g3", "x"))
    assert isinstance(two[-1], Posted)
    assert list(Membership.objects.exclude(network="").values_list("person__uid")) == []


def test_a_guest_is_known_by_the_network_of_the_last_deed(talk: Talk) -> None:
    for network in ("n1", "n2"):
        talk.do(PostMessage(talk.room.pk, Identity("g1", "Ann", "guest", network=network), network, "x"))
    assert Person.objects.get(uid="g1").network == "n2"


def test_an_invitation_lets_no_banned_person_in(tended: Talk) -> None:
    invite, _ = make_invite(tended.room, tended.person("Olga"))
    tended.did(tended.ban("Mona", "Ann"))
    assert isinstance(tended.refused(Join(tended.room.pk, tended.person("Ann"), invite.pk)), Banned)
    invite.refresh_from_db()
    assert invite.uses_left is None


# Mutes, locks, archives


def test_who_is_muted_reads_and_takes_back_and_says_nothing(tended: Talk, clock: Clock) -> None:
    seq = tended.head()
    tended.did(tended.mute("Mona", "Ann", until=clock.now + 60_000))
    clock.pass_seconds(20)
    for action in (tended.post("Ann", "x"), tended.edit("Ann", seq, seq, "x")):
        refusal = tended.refused(action)
        assert (type(refusal), refusal.retry_after, refusal.retry) == (Muted, 40, False)
    assert tended.did(tended.read("Ann", seq)).seq >= seq
    tended.did(tended.delete("Ann", seq, seq))
    clock.pass_seconds(40)
    assert isinstance(tended.did(tended.post("Ann", "again")), Posted)


def test_a_mute_outlives_leaving_and_coming_back(tended: Talk) -> None:
    tended.do(tended.mute("Mona", "Ann"), tended.leave("Ann"), tended.join("Ann"))
    refusal = tended.refused(tended.post("Ann", "x"))
    assert (type(refusal), refusal.retry_after) == (Muted, None)
    assert Membership.objects.get(person__name="Ann").muted_until == FOREVER


@pytest.mark.parametrize(("what", "error"), [("locked", RoomLocked), ("archived", RoomArchived)])
def test_in_a_closed_room_nobody_posts_not_even_the_owner(tended: Talk, what: str, error: type[Exception]) -> None:
    seq = tended.head()
    tended.did(tended.configure("Olga", **{what: True}))
    for name in ("Olga", "Mona", "Ann", "Visitor"):
        assert type(tended.refused(tended.post(name, "x"))) is error
    assert type(tended.refused(tended.edit("Ann", seq, seq, "x"))) is error
    tended.did(tended.configure("Olga", **{what: False}))
    assert isinstance(tended.did(tended.post("Ann", "x")), Posted)


def test_from_an_archive_only_moderators_delete_and_all_may_leave(tended: Talk) -> None:
    seq = tended.head()
    tended.did(tended.configure("Olga", archived=True))
    assert isinstance(tended.refused(tended.delete("Ann", seq, seq)), RoomArchived)
    assert isinstance(tended.refused(tended.join("Eve")), RoomArchived)
    tended.did(tended.leave("Bob"))
    tended.did(tended.delete("Mona", seq, seq))


def test_the_hosts_own_code_posts_into_any_room(tended: Talk) -> None:
    tended.did(tended.ban("Mona", "Ann"))
    tended.did(tended.configure("Olga", locked=True, archived=True, slow_seconds=60))
    granted = PostMessage(tended.room.pk, tended.person("Ann"), "k", "from the host", granted=True)
    assert isinstance(tended.did(granted), Posted)


# Slow mode


def test_a_slow_room_takes_one_message_in_a_while_of_each_but_moderators(tended: Talk, clock: Clock) -> None:
    tended.did(tended.configure("Mona", slow_seconds=30))
    for name in ("Olga", "Mona"):
        assert len(tended.say("one", "two", by=name)) == 2
    for name in ("Ann", "Visitor"):
        assert len(tended.say("one", by=name)) == 1
    clock.pass_seconds(10)
    for name in ("Ann", "Visitor"):
        refusal = tended.refused(tended.post(name, "two"))
        assert (type(refusal), refusal.retry, refusal.retry_after) == (RateLimited, True, 20)
    clock.pass_seconds(20)
    assert len(tended.say("two", "three", by="Ann")) == 1, "also within a batch"


def test_what_is_refused_or_repeated_in_a_slow_room_starts_no_new_wait(tended: Talk, clock: Clock) -> None:
    tended.did(tended.configure("Mona", slow_seconds=30))
    post = tended.post("Ann", "one")
    tended.did(post)
    clock.pass_seconds(20)
    assert tended.did(post).repeat
    tended.refused(tended.post("Ann", "two"))
    clock.pass_seconds(10)
    tended.did(tended.post("Ann", "three"))


def test_making_a_room_slow_takes_nobodys_place_away(tended: Talk) -> None:
    """In one batch: the membership of who posts behind it counts now, and must not be taken for none."""
    results = tended.do(tended.configure("Mona", slow_seconds=30), tended.post("Ann", "x"), tended.post("Mona", "y"))
    assert [isinstance(result, Exception) for result in results] == [False] * 3
    assert dict(Membership.objects.values_list("person__name", "role")) == {
        "Olga": "owner",
        "Mona": "moderator",
        "Ann": "member",
        "Bob": "member",
    }


def test_making_a_room_private_shuts_no_member_out_of_the_batch(tended: Talk) -> None:
    actions = tended.configure("Olga", kind="private"), tended.post("Ann", "x"), tended.post("Visitor", "y")
    assert [type(result) for result in tended.do(*actions)][1:] == [Posted, NoSuchRoom]


# What the policy said


def test_an_answer_of_the_policy_counts_only_while_the_numbers_of_rights_stand(talk: Talk) -> None:
    talk.say("one")
    ann = talk.person("Ann")

    def post(room: int, person: int) -> Any:
        (result,) = talk.do(PostMessage(talk.room.pk, ann, f"k{room}{person}", "x", rights=Rights(room, person, False)))
        return type(result)

    assert post(0, 0) is Posted
    talk.did(talk.rights_changed("Ann"))
    number = Room.objects.get().rights
    assert number == talk.head()
    assert [post(0, 0), post(number, 0)] == [AskAgain, Posted]
    Person.objects.filter(uid=ann.uid).update(rights=5)
    assert [post(number, 0), post(number, 5)] == [AskAgain, Posted]


@pytest.mark.parametrize("is_in_batch", [True, False])
@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        ("leave", Posted),
        ("role", Posted),
        ("rights_of_another", Posted),
        ("rights_of_all", AskAgain),
        ("ban", AskAgain),
    ],
)
def test_an_answer_of_the_policy_stands_while_only_others_lose_rights(
    talk: Talk, deed: str, outcome: type[object], is_in_batch: bool
) -> None:
    """Else whoever may join and leave could keep everybody from writing. A guest's ban may be any guest's."""
    talk.do(talk.join("Ann"), talk.join("Bob"))
    action = {
        "leave": talk.leave("Bob"),
        "role": talk.role("Host", "Bob", "moderator", granted=True),
        "rights_of_another": talk.rights_changed("Bob"),
        "rights_of_all": talk.rights_changed(),
        "ban": talk.ban("Host", "Bob", granted=True),
    }[deed]
    post = replace(talk.post("Ann", "x"), rights=Rights(talk.head(), 0, False))
    results = talk.do(action, post) if is_in_batch else [*talk.do(action), *talk.do(post)]
    assert type(results[1]) is outcome
    assert Room.objects.get().rights == 3


def test_whom_the_policy_admits_needs_no_membership(talk: Talk) -> None:
    Room.objects.update(kind=Room.Kind.PRIVATE)
    for admitted, outcome in ((False, NoSuchRoom), (True, Posted)):
        action = PostMessage(talk.room.pk, talk.person("Vic"), "k", "x", rights=Rights(0, 0, admitted))
        assert type(talk.do(action)[0]) is outcome


def test_rights_that_changed_while_the_policy_answered_are_asked_again(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Fickle"}
    Fickle.left = 2
    assert perform(said.Post(id=1, room="tea", key="k", text="x"), talk.person("Ann"))[0]["seq"] == 3
    Fickle.left = 9
    with pytest.raises(AskAgain) as refused:
        perform(said.Post(id=1, room="tea", key="k2", text="x"), talk.person("Ann"))
    assert (refused.value.code, refused.value.retry) == ("unavailable", True)
    Fickle.left = 0


def test_who_moderates_by_the_policy_stands_as_a_moderator_and_never_above_an_owner(
    tended: Talk, settings: Any
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Staffed"}
    sue, mona = tended.person("Sue"), tended.person("Mona")
    seq = tended.head()
    perform(said.Delete(id=1, room="tea", seq=seq, changed=seq), sue)
    perform(said.Mute(id=1, room="tea", person=tended.uid("Ann"), seconds=60), sue)
    perform(said.Configure(id=1, room="tea", slow_seconds=60), sue)
    for text in ("one", "two"):
        perform(said.Post(id=1, room="tea", key=text, text=text), sue)
    above: list[said.Command] = [
        said.Remove(id=1, room="tea", person=tended.uid("Olga")),
        said.Ban(id=1, room="tea", person=tended.uid("Mona")),
        said.Role(id=1, room="tea", person=tended.uid("Ann"), role="owner"),
        said.Configure(id=1, room="tea", archived=True),
    ]
    for command in above:
        with pytest.raises(NotAllowed):
            perform(command, sue)
    # And whom the policy does not let moderate has nothing of a moderator's role.
    tended.say("hello", by="Bob")
    last = tended.head()
    forbidden: list[said.Command] = [
        said.Delete(id=1, room="tea", seq=last, changed=last),
        said.Remove(id=1, room="tea", person=tended.uid("Bob")),
    ]
    for command in forbidden:
        with pytest.raises(NotAllowed):
            perform(command, mona)


def test_a_message_of_another_room_is_deleted_by_no_moderator(tended: Talk) -> None:
    other = ensure_room("cake")
    tended.do(*(tended.post("Ann", "x", room=other) for _ in range(tended.head() + 1)))
    missing = tended.head() + 1
    texts = {tended.refused(tended.delete("Mona", seq, seq)).text for seq in (missing,)}
    nowhere = tended.refused(tended.delete("Mona", missing + 500, 1)).text
    assert texts == {nowhere.replace(str(missing + 500), str(missing))}
