"""Rooms that belong to an object of the host, whatever its model and key."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils import timezone

from teahouse.chat.making import create_room, ensure_room
from teahouse.chat.people import identity_of_user
from teahouse.chat.rooms import enter, rooms_for
from teahouse.chat.subjects import rooms_of, subject_key, subject_of
from teahouse.errors import NoSuchRoom
from teahouse.models import Entry, Log, Room
from tests.chat.plans import queries_of, walks_whole_tables


def test_an_object_has_any_number_of_rooms_and_each_room_one_object(db: None) -> None:
    one, other = Group.objects.create(name="one"), Group.objects.create(name="other")
    rooms = [create_room("Talk", subject=one), ensure_room("Open talk", subject=one)]
    create_room("Talk", subject=other)
    found = rooms_of(one)
    assert [room.pk for room in found] == [room.pk for room in rooms]
    assert [subject_of(room) for room in found] == [one, one]
    assert subject_of(ensure_room("of nobody")) is None


def test_a_key_of_text_finds_its_object(db: None) -> None:
    key = "käse & ' \" % brot"
    session = Session.objects.create(session_key=key, session_data="", expire_date=timezone.now())
    assert subject_of(create_room("Talk", subject=session)) == session
    assert [room.title for room in rooms_of(session)] == ["Talk"]


def test_an_object_with_a_key_of_several_columns_has_rooms_too(db: None) -> None:
    log = Log.objects.create()
    person = identity_of_user(User.objects.create_user("ann"))
    actor = User.objects.get().teahouse_person
    entries = [Entry.objects.create(log=log, seq=seq, kind=1, actor=actor, at=0) for seq in (1, 12)]
    rooms = [create_room("Talk", subject=entry) for entry in entries]
    assert [subject_of(room) for room in rooms] == entries
    assert [[room.pk for room in rooms_of(entry)] for entry in entries] == [[room.pk] for room in rooms]
    assert person.user_id == actor.user_id


@pytest.mark.django_db(transaction=True)
def test_an_object_with_a_uuid_for_its_key_has_rooms_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("django.contrib.auth"):

        class Order(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)

            class Meta:
                app_label = "auth"

            def __str__(self) -> str:
                return str(self.pk)

    find = apps.get_model
    monkeypatch.setattr(apps, "get_model", lambda label: Order if label == "auth.order" else find(label))
    with connection.schema_editor() as editor:
        editor.create_model(Order)
    try:
        order = Order.objects.create()
        assert subject_key(order) == ("auth.order", str(order.pk))
        assert subject_of(create_room("Talk", subject=order)) == order
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Order)


def test_a_proxy_is_the_object_that_it_stands_for(db: None) -> None:
    with isolate_apps("django.contrib.auth"):

        class Choir(Group):
            class Meta:
                proxy = True
                app_label = "auth"

    group = Group.objects.create(name="choir")
    assert subject_key(Choir.objects.get()) == subject_key(group)


def test_a_room_outlives_its_object_and_then_belongs_to_none(db: None) -> None:
    group = Group.objects.create(name="one")
    room = create_room("Talk", subject=group)
    group.delete()
    assert subject_of(room) is None


@pytest.mark.parametrize(
    ("subject_type", "subject_id"), [("shop.order", "1"), ("auth.group", "no number"), ("nonsense", "1"), ("", "1")]
)
def test_a_model_or_key_that_is_no_longer_so_is_no_object(db: None, subject_type: str, subject_id: str) -> None:
    assert subject_of(Room(subject_type=subject_type, subject_id=subject_id)) is None


def test_the_rooms_of_an_object_are_found_by_their_index(db: None) -> None:
    group = Group.objects.create(name="one")
    (sql,) = queries_of(lambda: rooms_of(group))
    assert walks_whole_tables(sql) == []


def test_a_policy_answers_from_the_object(db: None, settings: Any) -> None:
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    room = create_room("About Ann", subject=ann)
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Walking"}
    assert enter(room.address, identity_of_user(ann)) == room
    with pytest.raises(NoSuchRoom):
        enter(room.address, identity_of_user(bob))
    ann.delete()
    assert rooms_for(identity_of_user(bob)) == []
