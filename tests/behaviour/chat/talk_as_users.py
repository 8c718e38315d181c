"""Run as a program on a host with a user model of its own: talks as its users, and prints what came of it as JSON."""

import json

import django

django.setup()

# ruff: noqa: E402 (models can only be imported now)
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import transaction

import teahouse
from teahouse.chat.making import ensure_room
from teahouse.chat.people import identity_of_user
from teahouse.chat.tokens import proved_by_token
from teahouse.errors import BadToken
from teahouse.models import Message, Person

NAMES = ["ann+茶@example.org", "bob/'%s\"@example.org"]
ODD_KEYS = ["", "1", "-1", "not a key", "\0", "\ud800", "x" * 1000, "9" * 60, "00000000-0000-0000-0000-000000000000"]


def is_bad(token: str) -> bool:
    try:
        proved_by_token(token)
    except BadToken:
        return True
    return False


def user_named(name: str) -> AbstractBaseUser:
    model = get_user_model()
    return model._default_manager.create(**{model.USERNAME_FIELD: name})


def said() -> list[list[object]]:
    messages = Message.objects.select_related("author").order_by("seq")
    return [[message.seq, message.author.name, message.text] for message in messages]


ensure_room("tea")
ann, bob = [user_named(name) for name in NAMES]
teahouse.post("tea", "outside", ann)
with transaction.atomic():
    teahouse.post("tea", "inside", bob)
facts: dict[str, object] = {
    "same person": identity_of_user(ann).uid == identity_of_user(ann).uid != identity_of_user(bob).uid,
    "user of the person": Person.objects.get(uid=identity_of_user(ann).uid).user == ann,
    "by token": proved_by_token(teahouse.token_for(bob)).person == identity_of_user(bob),
    "odd keys are bad": [is_bad(signing.dumps({"u": key, "h": "0" * 24}, salt="teahouse.token")) for key in ODD_KEYS],
}
token = teahouse.token_for(ann)
ann.delete()
facts["token of a gone user is bad"] = is_bad(token)
facts["said"] = said()
facts["authors"] = [person.user_id is None for person in Person.objects.order_by("pk")]
print(json.dumps(facts))
