"""The tables: fields and constraints only. Everything that writes them stands in ``teahouse.chat``."""

from __future__ import annotations

import secrets

from django.conf import settings as django_settings
from django.db import models
from django.utils.translation import gettext_lazy as _

EPOCH_LENGTH = 12
FOREVER = 2**53 - 1
"""A time that never comes, in milliseconds since 1970: as late as JavaScript's numbers can say."""


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
    rights = models.BigIntegerField(
        default=0,
        db_default=0,
        db_index=True,
        help_text=_("Raised by whatever may change who the person is, or what they may."),
    )
    # A guest can throw a cookie away, and not so easily a network. A keyed hash, of the last deed.
    network = models.CharField(max_length=32, blank=True, default="", db_default="")

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
    # The object of the host that it belongs to, by its model's label and its key as text: any key has one.
    subject_type = models.CharField(max_length=200, blank=True, default="", db_default="")
    subject_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    pair = models.CharField(
        max_length=80, unique=True, null=True, blank=True, help_text=_("Of a direct room: its two people.")
    )
    locked = models.BooleanField(default=False, db_default=False, help_text=_("Nobody posts."))
    archived = models.BooleanField(default=False, db_default=False, help_text=_("Nobody posts, and no list shows it."))
    slow_seconds = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("So long a person waits between two messages.")
    )
    # So that a post into a room where this is false need not look for the person's membership.
    guarded = models.BooleanField(
        default=False, db_default=False, help_text=_("Somebody was banned or muted here, or it is slow.")
    )
    changed = models.BigIntegerField(
        default=0, db_default=0, help_text=_("Number of the last entry about the room itself.")
    )
    rights = models.BigIntegerField(
        default=0, db_default=0, help_text=_("Number of the last entry that may have ended somebody's right.")
    )

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="teahouse_subject")]

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
    # Times in milliseconds since 1970; of visitors too, whose role is empty.
    banned_until = models.BigIntegerField(default=0, db_default=0)
    muted_until = models.BigIntegerField(default=0, db_default=0)
    posted_at = models.BigIntegerField(
        default=0, db_default=0, help_text=_("Time of the last message, kept while the room is slow.")
    )
    network = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text=_("Of a guest who was banned.")
    )
    network_until = models.BigIntegerField(
        default=0, db_default=0, help_text=_("Until when other guests of it are banned too.")
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "person"], name="teahouse_one_membership")]
        indexes = [
            models.Index(fields=["room", "network"], name="teahouse_banned_network", condition=~models.Q(network=""))
        ]

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
        REMOVE = 6, _("remove")
        BAN = 7, _("ban")
        UNBAN = 8, _("lift a ban")
        MUTE = 9, _("mute")
        ROLE = 10, _("give a role")
        CONFIGURE = 11, _("configure")
        RIGHTS = 12, _("rights changed")

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


ENDING = frozenset(
    {
        Entry.Kind.LEAVE.value,
        Entry.Kind.REMOVE.value,
        Entry.Kind.BAN.value,
        Entry.Kind.ROLE.value,
        Entry.Kind.RIGHTS.value,
    }
)
"""Kinds of entries that may end a right: of the member that they name, or of everybody."""


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


class Invite(models.Model):
    """A secret that makes whoever shows it a member. Only its hash is kept: no copy of the database lets anybody in."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invites")
    secret_hash = models.CharField(max_length=64, unique=True)
    maker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.BigIntegerField()
    expires_at = models.BigIntegerField(null=True, blank=True)
    uses_left = models.PositiveIntegerField(null=True, blank=True)
    revoked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"invite {self.pk} into room {self.room_id}"


class Report(models.Model):
    """Somebody's word that a message should be looked at; it waits until a moderator resolves it."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="reports", db_index=False)
    message_seq = models.BigIntegerField()
    reporter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=500, blank=True)
    at = models.BigIntegerField()
    resolver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    resolved_at = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "message_seq", "reporter"], name="teahouse_one_report"),
        ]

    def __str__(self) -> str:
        return f"report of message {self.message_seq} of room {self.room_id}"


class Audit(models.Model):
    """What somebody did by a right that not everybody has. Rows are only ever added."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, related_name="audits")
    action = models.CharField(max_length=32)
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    message_seq = models.BigIntegerField(null=True)
    details = models.TextField(blank=True, help_text=_("What else belongs to it, as JSON."))
    at = models.BigIntegerField()

    class Meta:
        verbose_name_plural = _("audit trail")

    def __str__(self) -> str:
        return f"{self.action} in room {self.room_id}"
