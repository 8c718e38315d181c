"""Who speaks: host users, and guests by the cookie that proves them; used by every edge."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core import signing
from django.db.models import Subquery
from django.utils.translation import gettext

from teahouse.chat.announcing import announce_people
from teahouse.errors import BadName, NotAllowed
from teahouse.models import Person
from teahouse.protocol.texts import clean_nickname
from teahouse.settings import settings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

GUEST_COOKIE = "teahouse_guest"
_GUEST_SALT = "teahouse.guest"
_NAME_LENGTH = 150
"""As long as the column of a person's name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as an edge knows them. ``uid`` is the ``id`` on the wire; a guest's may have no row yet."""

    uid: str
    name: str
    kind: str
    user_id: Any = None
    network: str = ""
    """A keyed hash of where a guest comes from, known at the edge; a ban counts there too."""


SITE = Identity(uid="site", name="site", kind=Person.Kind.BOT.value)
"""Who does what the host's own code does, where it names nobody."""


def identity_of_user(user: AbstractBaseUser) -> Identity:
    """Return a host user's identity, making the person's row at first need and following the user's name."""
    return identities_of_users([user])[user.pk]


def identities_of_users(users: Sequence[AbstractBaseUser]) -> dict[Any, Identity]:
    """Return the identities of host users by key, as ``identity_of_user`` does, in one query when nothing changed."""
    people = _people_of(users)
    missing = [user for user in users if user.pk not in people]
    if missing:
        _make_people(missing)
        people |= _people_of(missing)
    return {user.pk: _identity(user, people[user.pk]) for user in users}


def identity_of(somebody: AbstractBaseUser | Identity) -> Identity:
    """Return the identity of a host user, and an identity as it is."""
    return somebody if isinstance(somebody, Identity) else identity_of_user(somebody)


def row_of(identity: Identity) -> Person:
    """Return the row of a person, made at first need."""
    row, _ = Person.objects.get_or_create(
        uid=identity.uid, defaults={"kind": identity.kind, "name": identity.name, "user_id": identity.user_id}
    )
    return row


def identity_of_row(person: Person) -> Identity:
    """Return the identity of somebody who has a row."""
    return Identity(uid=person.uid, name=person.name, kind=person.kind, user_id=person.user_id)


def new_guest(name: str | None = None) -> tuple[Identity, str]:
    """Return a new guest and the secret that proves it. Nothing is written before the first post."""
    secret = secrets.token_urlsafe(18)
    return guest_identity(secret, name or gettext("Guest %d") % secrets.choice(range(1000, 10_000))), secret


def guest_identity(secret: str, name: str) -> Identity:
    """Return the guest whose secret this is. The public id is a hash, so nobody can become a guest by reading it."""
    digest = hashlib.sha256(b"teahouse guest " + secret.encode()).digest()
    return Identity(uid="g" + b32encode(digest[:15]).decode().lower(), name=name, kind=Person.Kind.GUEST)


def sign_guest(secret: str, name: str) -> str:
    """Return the value of a guest's cookie, good for ``GUEST_SECONDS``; also good as a token."""
    return signing.dumps({"g": secret, "n": name}, salt=_GUEST_SALT)


def guest_of_cookie(value: str | None) -> tuple[Identity, str] | None:
    """Return the guest and the secret that a signed cookie holds, or None for a forged, expired or foreign one."""
    held = signed(value or "", _GUEST_SALT, settings.GUEST_SECONDS, "g", "n")
    if held is None:
        return None
    try:
        # By the column's length and not by the setting: who lowers that one must not make guests into strangers.
        return guest_identity(held["g"], clean_nickname(held["n"], _NAME_LENGTH)), held["g"]
    except (BadName, UnicodeEncodeError):
        return None


def identity_of_cookies(user: AbstractBaseUser | AnonymousUser | None, cookies: dict[str, str]) -> Identity | None:
    """Return the logged-in user or else the guest that cookies prove."""
    guest = guest_of_cookie(cookies.get(GUEST_COOKIE))
    return identity_of_visitor(user) or (guest[0] if guest else None)


def identity_of_visitor(user: AbstractBaseUser | AnonymousUser | None) -> Identity | None:
    """Return the identity of who is logged in, None for nobody."""
    return identity_of_user(user) if user is not None and user.is_authenticated else None


def seen_from(identity: Identity, network: str) -> Identity:
    """Return the person as they come from a network, which is noted of guests alone."""
    return replace(identity, network=network) if identity.kind == Person.Kind.GUEST else identity


def uids_of_users(keys: Collection[Any]) -> list[str]:
    """Return the ids of those host users, by their keys, whom the chat knows."""
    return list(Person.objects.filter(user_id__in=keys).values_list("uid", flat=True))


def people_changed(uids: Collection[str]) -> None:
    """Tell every process at once that who these people are, or what they may, is to be looked at again.

    To be called after the commit of what changed. Their ``rights`` get a number above all others, by which processes
    find them that no ring reaches; then the hook of ``announcing`` tells.
    """
    if uids:
        newest = Person.objects.order_by("-rights").values("rights")[:1]
        Person.objects.filter(uid__in=uids).update(rights=Subquery(newest) + 1)
        announce_people(uids)


def newest_change_of_people() -> int:
    """Return the highest number that ``people_changed`` gave; 0 before the first one."""
    return Person.objects.order_by("-rights").values_list("rights", flat=True).first() or 0


def people_changed_since(number: int) -> dict[str, int]:
    """Return the people with a higher number than this, and which."""
    return dict(Person.objects.filter(rights__gt=max(number, 0)).values_list("uid", "rights"))


def rename(identity: Identity, name: str) -> Identity:
    """Give a guest another nickname, in the row too when there is one.

    Raises BadName, and NotAllowed for a host user, whose name is the host's to change.
    """
    if identity.kind != Person.Kind.GUEST:
        raise NotAllowed("your name comes from your account and is changed there", field="name")
    name = clean_nickname(name, settings.MAX_NICKNAME_LENGTH)
    Person.objects.filter(uid=identity.uid).update(name=name)
    return replace(identity, name=name)


def signed(value: str, salt: str, max_age: int, *names: str) -> dict[str, str] | None:
    """Return what was signed when it is an object with these texts: a shared key signs other shapes too.

    None for what is forged, older than ``max_age`` (seconds) or of another use.
    """
    try:
        held = signer(salt).unsign_object(value, max_age=max_age)
    except (signing.BadSignature, ValueError):
        return None
    fits = isinstance(held, dict) and all(isinstance(held.get(name), str) for name in names)
    return held if fits else None


def signer(salt: str) -> signing.TimestampSigner:
    """Return what signs for one use: a signature for another one is none here."""
    return _signer(salt, django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS)


def _identity(user: AbstractBaseUser, person: Person) -> Identity:
    name = _display_name(user)
    if person.name != name:
        Person.objects.filter(pk=person.pk).update(name=name)
    return Identity(uid=person.uid, name=name, kind=person.kind, user_id=user.pk)


def _display_name(user: AbstractBaseUser) -> str:
    full_name = getattr(user, "get_full_name", str)()
    username = str(user.get_username())
    # Where people log in by e-mail, the room is not to learn the address of who gave no name.
    return str(full_name or username.partition("@")[0] or username)[:_NAME_LENGTH]


@lru_cache(maxsize=16)
def _signer(salt: str, *keys: str) -> signing.TimestampSigner:
    """Return what ``django.core.signing.loads`` makes anew for each value."""
    return signing.TimestampSigner(key=keys[0], salt=salt, fallback_keys=[*keys[1:]])


def _people_of(users: Sequence[AbstractBaseUser]) -> dict[Any, Person]:
    return {person.user_id: person for person in Person.objects.filter(user_id__in=[user.pk for user in users])}


def _make_people(users: Sequence[AbstractBaseUser]) -> None:
    """Make the rows of people who have none, all at once; another process may be first with some."""
    rows = [
        Person(uid="u" + secrets.token_hex(12), kind=Person.Kind.USER, name=_display_name(user), user_id=user.pk)
        for user in users
    ]
    Person.objects.bulk_create(rows, ignore_conflicts=True)
