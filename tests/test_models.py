"""The tables: what they hold by themselves, whoever writes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from teahouse.models import EPOCH_LENGTH, Entry, Log, Membership, Message, Outbox, Person, Room, new_epoch

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    return Room.objects.create(log=Log.objects.create(), address="tea", title="Tea")


@pytest.fixture
def ann() -> Person:
    return Person.objects.create(uid="g1", kind="guest", name="Ann")


@pytest.fixture
def say(room: Room, ann: Person) -> Callable[..., Message]:
    def say(seq: int, key: str, **fields: Any) -> Message:
        given = {"room": room, "author": ann, "changed": seq, "digest": "d", "text": "hello", "at": 1, **fields}
        return Message.objects.create(seq=seq, key=key, **given)

    return say


def refuse(create: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        create()


def test_the_migrations_make_the_tables_as_the_models_have_them() -> None:
    call_command("makemigrations", "teahouse", check=True, dry_run=True, verbosity=0)


def test_an_epoch_is_random_and_fits_its_column() -> None:
    epochs = {new_epoch() for _ in range(100)}
    assert len(epochs) == 100
    assert {len(epoch) for epoch in epochs} == {EPOCH_LENGTH}
    assert Log().epoch != Log().epoch


def test_a_room_has_the_key_of_its_log(room: Room) -> None:
    assert room.pk == room.log.pk == room.log_id


def test_an_address_is_one_room(room: Room) -> None:
    refuse(lambda: Room.objects.create(log=Log.objects.create(), address="tea", title="Other"))


def test_a_place_in_a_room_is_one_message(say: Callable[..., Message]) -> None:
    say(1, "k1")
    refuse(lambda: say(1, "k2"))


def test_a_persons_key_in_a_room_is_one_message(say: Callable[..., Message]) -> None:
    say(1, "k")
    refuse(lambda: say(2, "k"))
    bob = Person.objects.create(uid="g2", kind="guest", name="Bob")
    cake = Room.objects.create(log=Log.objects.create(), address="cake", title="Cake")
    say(2, "k", author=bob)
    say(1, "k", room=cake)
    say(3, "K")


def test_a_person_is_one_member_of_a_room(room: Room, ann: Person) -> None:
    Membership.objects.create(room=room, person=ann, changed=1)
    refuse(lambda: Membership.objects.create(room=room, person=ann, changed=2))


def test_a_number_is_one_entry_of_a_log(room: Room, ann: Person) -> None:
    make = Entry.objects.create
    make(log=room.log, seq=1, kind=Entry.Kind.POST, actor=ann, at=1, message_seq=1)
    refuse(lambda: make(log=room.log, seq=1, kind=Entry.Kind.JOIN, actor=ann, at=1, member=ann))


def test_who_said_something_cannot_be_deleted_with_it(say: Callable[..., Message], ann: Person) -> None:
    say(1, "k")
    with pytest.raises(ProtectedError):
        ann.delete()


def test_a_deleted_user_leaves_the_person(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("bob")
    Person.objects.create(uid="u1", kind="user", name="Bob", user=user)
    user.delete()
    assert Person.objects.get().user is None


def test_a_user_is_one_person(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("bob")
    Person.objects.create(uid="u1", kind="user", name="Bob", user=user)
    refuse(lambda: Person.objects.create(uid="u2", kind="user", name="Bob", user=user))


def test_a_deleted_log_takes_its_room_and_all_that_was_said_there(
    room: Room, ann: Person, say: Callable[..., Message]
) -> None:
    say(1, "k")
    Entry.objects.create(log=room.log, seq=1, kind=Entry.Kind.POST, actor=ann, at=1, message_seq=1)
    Membership.objects.create(room=room, person=ann, changed=2)
    Outbox.objects.create(room=room, author=ann, key="k2", text="waiting")
    room.log.delete()
    left = [model.objects.count() for model in (Log, Room, Message, Entry, Membership, Outbox, Person)]
    assert left == [0, 0, 0, 0, 0, 0, 1]


def test_numbers_have_room_for_all_that_javascript_can_count(say: Callable[..., Message]) -> None:
    greatest = 2**53 - 1
    say(greatest, "k")
    assert Message.objects.get().seq == greatest
    numbers = [(Log, "head"), (Log, "at"), (Entry, "seq"), (Entry, "at"), (Message, "changed"), (Membership, "changed")]
    assert all(isinstance(model._meta.get_field(name), models.BigIntegerField) for model, name in numbers)


def test_rows_show_no_message_text_where_they_are_printed(say: Callable[..., Message], room: Room, ann: Person) -> None:
    """A row's words stand in the admin's history, in tracebacks and in logs."""
    message = say(1, "k", text="a secret")
    waiting = Outbox.objects.create(room=room, author=ann, key="k2", text="a secret")
    entry = Entry(log=room.log, seq=1, kind=Entry.Kind.POST, actor=ann, at=1)
    membership = Membership(room=room, person=ann, changed=2, role="")
    said = [repr(row) for row in (message, waiting, entry, membership, room, room.log, ann)]
    assert not [text for text in said if "secret" in text]
    assert all(said)
