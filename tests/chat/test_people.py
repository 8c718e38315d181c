"""Who speaks: guests by a signed cookie, host users, names; and telling that somebody changed."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat import people
from teahouse.chat.actions import PostMessage
from teahouse.chat.announcing import subscribe_to_people
from teahouse.chat.people import (
    GUEST_COOKIE,
    guest_identity,
    guest_of_cookie,
    identities_of_users,
    identity_of_cookies,
    identity_of_user,
    new_guest,
    newest_change_of_people,
    people_changed,
    people_changed_since,
    rename,
    sign_guest,
)
from teahouse.errors import BadName, NotAllowed
from teahouse.models import Message, Person
from tests.chat.talk import Talk

GUEST_SALT = "teahouse.guest"
ODD_PAYLOADS = [
    None, True, 7, 1.5, "text", [], ["g", "n"], {}, {"g": "secret"}, {"n": "Ann"}, {"g": 7, "n": "Ann"},
    {"g": None, "n": "Ann"}, {"g": "secret", "n": None}, {"g": "secret", "n": ["Ann"]}, {"g": ["x"], "n": "Ann"},
    {"u": None}, {"u": []}, {"u": {}}, {"u": "not a number"}, {"u": "9" * 40}, {"u": "-1"}, {"u": "1.5"}, {"u": "\0"},
    {"u": True, "n": 1}, {"u": ["1"]}, {"u": "\ud800"}, {"g": "\ud800", "n": "Ann"}, {"g": "secret", "n": "\ud800"},
    {"g": "secret", "n": "A\0nn"}, {"g": "secret", "n": "x" * 151},
]  # fmt: skip


# Guests


@pytest.mark.django_db
def test_a_guest_is_no_row_until_the_first_post(talk: Talk) -> None:
    ann = talk.person("Ann")
    assert guest_identity("secret", "Bob").name == "Bob"
    assert not Person.objects.exists()

    talk.did(talk.post("Ann", "hello"))

    person = Person.objects.get()
    assert (person.uid, person.kind, person.name, person.user_id) == (ann.uid, "guest", "Ann", None)


def test_a_refused_guest_leaves_no_row(talk: Talk) -> None:
    talk.refused(talk.edit("Ann", 1, 1, "hello"))
    talk.refused(talk.delete("Ann", 1, 1))
    talk.did(talk.leave("Ann"))
    assert not Person.objects.exists()


def test_the_same_secret_is_the_same_guest_and_another_is_another() -> None:
    identity, secret = new_guest("Ann")
    assert guest_identity(secret, "Ann") == identity
    assert new_guest("Ann")[0].uid != identity.uid
    assert secret not in identity.uid


def test_a_guest_without_a_nickname_gets_one() -> None:
    assert new_guest()[0].name.startswith("Guest ")


def test_a_guests_id_fits_its_column_and_is_plain() -> None:
    uid = new_guest("Ann")[0].uid
    assert uid.isascii()
    assert uid.isalnum()
    assert len(uid) <= Person._meta.get_field("uid").max_length


def test_a_signed_cookie_proves_the_guest_and_gives_the_secret_back() -> None:
    identity, secret = new_guest("Ann 茶")
    assert guest_of_cookie(sign_guest(secret, "Ann 茶")) == (identity, secret)


@pytest.mark.parametrize("value", [None, "", "x", "a:b:c", ":::", "\0", "\ud800", "é:é:é", "x" * 10_000])
def test_a_cookie_that_nobody_signed_is_nobody(value: str | None) -> None:
    assert guest_of_cookie(value) is None


def test_a_changed_cookie_is_nobody() -> None:
    value = sign_guest("secret", "Ann")
    for position in range(len(value)):
        changed = value[:position] + ("A" if value[position] != "A" else "B") + value[position + 1 :]
        # The last character of a signature holds bits that no decoder looks at; a guest it is still, and the same.
        assert guest_of_cookie(changed) in (None, (guest_identity("secret", "Ann"), "secret"))
        if position < value.rindex(":"):
            assert guest_of_cookie(changed) is None


def test_a_cookie_of_another_site_or_of_another_use_is_nobody(settings: Any) -> None:
    assert guest_of_cookie(signing.dumps({"g": "secret", "n": "Ann"}, salt="another use")) is None
    value = sign_guest("secret", "Ann")
    settings.SECRET_KEY = "another site"
    assert guest_of_cookie(value) is None


@pytest.mark.parametrize("payload", ODD_PAYLOADS, ids=repr)
def test_an_odd_payload_of_a_cookie_is_nobody(payload: object) -> None:
    assert guest_of_cookie(signing.dumps(payload, salt=GUEST_SALT)) is None


def test_a_cookie_is_good_as_long_as_the_setting_says(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TEAHOUSE = {"GUEST_SECONDS": 100}
    value = sign_guest("secret", "Ann")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)
    assert guest_of_cookie(value) is not None
    monkeypatch.setattr(time, "time", lambda: now + 102)
    assert guest_of_cookie(value) is None


@given(payload=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_signed_payload_makes_another_error(payload: object) -> None:
    """A key that signs for two sites, or for an older version of this one, signs other shapes."""
    assert guest_of_cookie(signing.dumps({"g": payload, "n": 5}, salt=GUEST_SALT)) is None


# Host users


def test_a_user_becomes_one_person_at_first_need(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    first, again = identity_of_user(bob), identity_of_user(bob)
    assert first == again
    assert (first.name, first.kind, first.user_id) == ("bob", "user", bob.pk)
    assert Person.objects.get().user_id == bob.pk


def test_a_user_is_shown_by_the_full_name_where_there_is_one(make_user: Callable[..., User]) -> None:
    assert identity_of_user(make_user("bob", first_name="Bob", last_name="Ross")).name == "Bob Ross"


@pytest.mark.parametrize(("username", "shown"), [("ann@example.com", "ann"), ("@ann", "@ann"), ("ann", "ann")])
def test_a_user_without_a_name_is_shown_without_their_address(
    make_user: Callable[..., User], username: str, shown: str
) -> None:
    assert identity_of_user(make_user(username)).name == shown


def test_a_renamed_user_is_the_same_person_under_the_new_name(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    before = identity_of_user(bob)
    bob.username = "robert"
    after = identity_of_user(bob)
    assert (after.uid, after.name) == (before.uid, "robert")
    assert Person.objects.get().name == "robert"


def test_a_name_longer_than_the_column_is_cut(make_user: Callable[..., User]) -> None:
    identity = identity_of_user(make_user("bob", first_name="b" * 150, last_name="o" * 150))
    assert identity.name == "b" * 150


def test_what_a_deleted_user_said_stays_said(talk: Talk, make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    talk.did(PostMessage(talk.room.pk, identity_of_user(bob), "key", "I was here"))

    bob.delete()

    kept = Message.objects.select_related("author").get()
    assert (kept.text, kept.author.name, kept.author.kind, kept.author.user_id) == ("I was here", "bob", "user", None)


def test_a_new_user_is_not_who_a_deleted_one_was(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    first = identity_of_user(bob)
    pk = bob.pk
    bob.delete()
    assert identity_of_user(make_user("bob", pk=pk)).uid != first.uid


def test_who_loses_the_race_to_make_a_persons_row_takes_the_other_one(
    make_user: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make_user("bob")
    winner = identity_of_user(bob)
    looks = iter([lambda users: {}, people._people_of])  # at the first look the other one was not there yet
    monkeypatch.setattr(people, "_people_of", lambda users: next(looks)(users))  # noqa: PLW0108 (another each time)
    assert identity_of_user(bob).uid == winner.uid
    assert Person.objects.filter(user_id=bob.pk).count() == 1


def test_many_new_people_cost_the_same_few_statements_as_one(make_user: Callable[..., User]) -> None:
    users = [make_user(f"user {number}") for number in range(20)]
    with CaptureQueriesContext(connection) as queries:
        identities = identities_of_users(users)
    assert len({identity.uid for identity in identities.values()}) == 20
    assert sum(query["sql"].startswith("INSERT") for query in queries) == 1


def test_a_site_without_users_has_guests(db: None) -> None:
    assert identity_of_cookies(None, {GUEST_COOKIE: sign_guest("secret", "Ann")}) == guest_identity("secret", "Ann")


# Names


def test_a_renamed_guest_keeps_the_id_and_the_row_follows(talk: Talk) -> None:
    talk.did(talk.post("Ann", "hello"))
    ann = talk.person("Ann")
    renamed = rename(ann, "  Anna  Maria ")
    assert (renamed.uid, renamed.name) == (ann.uid, "Anna Maria")
    assert Person.objects.get().name == "Anna Maria"


def test_a_rename_before_the_first_post_writes_nothing(db: None) -> None:
    assert rename(new_guest("Ann")[0], "Anna").name == "Anna"
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 41, "\u202eevil", "\ud800"])
def test_a_bad_nickname_is_refused_and_changes_nothing(talk: Talk, name: str) -> None:
    talk.did(talk.post("Ann", "hello"))
    with pytest.raises(BadName):
        rename(talk.person("Ann"), name)
    assert Person.objects.get().name == "Ann"


def test_a_host_users_name_is_not_the_chats_to_change(make_user: Callable[..., User]) -> None:
    bob = identity_of_user(make_user("bob"))
    with pytest.raises(NotAllowed):
        rename(bob, "Admin")
    assert Person.objects.get().name == "bob"


def test_an_identity_can_be_written_as_json() -> None:
    """What a channel layer or a cache keeps of it must not need pickle."""
    identity = new_guest("Ann")[0]
    assert json.loads(json.dumps([identity.uid, identity.name, identity.kind])) == [identity.uid, "Ann", "guest"]


# Who changed


def test_who_changed_gets_a_number_above_all_others_and_is_told_of(make_user: Callable[..., User]) -> None:
    uids = [identity_of_user(make_user(name)).uid for name in ("ann", "bob", "eve")]
    told: list[set[str]] = []
    end = subscribe_to_people(lambda changed: told.append(set(changed)))
    people_changed([uids[0]])
    before = newest_change_of_people()
    people_changed(uids[1:])
    end()
    people_changed([])
    assert told == [{uids[0]}, set(uids[1:])]
    assert newest_change_of_people() == before + 1
    assert people_changed_since(before) == dict.fromkeys(uids[1:], before + 1)
    assert people_changed_since(before + 1) == {}


def test_who_never_changed_is_not_found(make_user: Callable[..., User]) -> None:
    identity_of_user(make_user("bob"))
    assert (newest_change_of_people(), people_changed_since(-16)) == (0, {})
