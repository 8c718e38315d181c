"""The tables: fields and constraints only. Everything that writes them stands in ``teahouse.chat``."""

from __future__ import annotations

import secrets

from django.conf import settings as django_settings
from django.db import models
from django.utils.translation import gettext_lazy as _

EPOCH_LENGTH = 12


def new_epoch() -> str:
    """Return a random epoch: a name for one history of a log."""
    return secrets.token_hex(EPOCH_LENGTH // 2)


class Log(models.Model):
    """A counter that numbers entries without holes: the row is locked by the transaction that raises it."""

    epoch = models.CharField(max_length=EPOCH_LENGTH, default=new_epoch)
    head = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0, help_text=_("Time of the newest entry, in milliseconds since 1970."))

    class Meta:
        # For the lobby, which shows the liveliest of any number of rooms. Written once a batch and room.
        indexes = [models.Index(fields=["at"], name="teahouse_liveliest")]

    def __str__(self) -> str:
        return f"log {self.pk} at {self.head}"


class Person(models.Model):
    """Whoever speaks, as the chat knows them. A guest becomes a row with the first post."""

    class Kind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        BOT = "bot", _("bot")

    uid = models.CharField(max_length=32, unique=True, help_text=_("The id that the wire shows."))
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=150)
    # What a deleted user said stays said; only the link to the host's row goes.
    user = models.OneToOneField(
        django_settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="teahouse_person",
    )

    class Meta:
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A place to talk. Its key is its log's key, so that the doorbell needs no second name for it."""

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        PRIVATE = "private", _("private")
        DIRECT = "direct", _("direct")

    log = models.OneToOneField(Log, on_delete=models.CASCADE, primary_key=True, related_name="room")
    address = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OPEN)

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """A person's place in a room. Leaving empties ``role`` and keeps the row: its entry still has its subject."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MODERATOR = "moderator", _("moderator")
        MEMBER = "member", _("member")
        LEFT = "", _("left")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER, blank=True)
    changed = models.BigIntegerField(help_text=_("Number of the last entry that touched this membership."))
    read = models.BigIntegerField(default=0, help_text=_("Number up to which the person has read the room."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "person"], name="teahouse_one_membership")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.room_id}: {self.role or 'left'}"


class Message(models.Model):
    """What somebody said: ``seq`` is its place for ever, ``changed`` the number of its last change."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    changed = models.BigIntegerField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="messages", db_index=False)
    key = models.CharField(max_length=64)
    # Of the text as posted, once an edit took its place: a later repeat is then no conflict. Emptied with the text.
    digest = models.CharField(max_length=32)
    text = models.TextField()
    at = models.BigIntegerField(help_text=_("Milliseconds since 1970."))
    edited_at = models.BigIntegerField(null=True, blank=True)
    deleted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="teahouse_one_place"),
            models.UniqueConstraint(fields=["author", "room", "key"], name="teahouse_one_key"),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of room {self.room_id}"


class Entry(models.Model):
    """One change in a log. It names what it touched; how that stands now is read from its own row."""

    class Kind(models.IntegerChoices):
        POST = 1, _("post")
        EDIT = 2, _("edit")
        DELETE = 3, _("delete")
        JOIN = 4, _("join")
        LEAVE = 5, _("leave")

    pk = models.CompositePrimaryKey("log_id", "seq")
    log = models.ForeignKey(Log, on_delete=models.CASCADE, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    # The message by its place and not by its row's key: entries and messages then go in without asking for keys.
    message_seq = models.BigIntegerField(null=True)
    member = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.BigIntegerField()

    class Meta:
        verbose_name_plural = _("entries")

    def __str__(self) -> str:
        return f"entry {self.seq} of log {self.log_id}"


class Outbox(models.Model):
    """A post from inside a host's transaction, which gets its number right after that commits."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        verbose_name_plural = _("outbox")

    def __str__(self) -> str:
        return f"waiting post {self.pk} for room {self.room_id}"


class Installation(models.Model):
    """A data folder that started on this database, and how often: tells when one of the two was restored."""

    name = models.CharField(max_length=32, unique=True)
    starts = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.starts} starts"
