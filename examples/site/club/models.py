"""Members, who log in by e-mail, and the walks that they sign up for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

import teahouse

if TYPE_CHECKING:
    from teahouse.models import Room


class Members(BaseUserManager["Member"]):
    """Makes members."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Member:
        member = self.model(email=self.normalize_email(email), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Member:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Member(AbstractBaseUser, PermissionsMixin):
    """A member of the club. Staff are its committee."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    is_staff = models.BooleanField("on the committee", default=False)
    is_active = models.BooleanField(default=True)

    objects = Members()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name that others see, in the chat too: without it they would see the e-mail address."""
        return self.name


class Walk(models.Model):
    """A day out. Its room has its title as its name; the room of its party belongs to it."""

    title = models.CharField(max_length=60, unique=True)
    starts_at = models.DateTimeField()
    meeting_point = models.CharField(max_length=120)
    kilometres = models.PositiveSmallIntegerField()
    places = models.PositiveSmallIntegerField()
    about = models.TextField()
    members = models.ManyToManyField(Member, through="SignUp", related_name="walks")

    class Meta:
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def party_room(self) -> Room:
        """Of those who come along: the policy finds this walk by it, and opens it to them alone."""
        return teahouse.ensure_room(f"Party of walk {self.pk}", subject=self)

    @property
    def places_left(self) -> int:
        return self.places - self.members.count()


class SignUp(models.Model):
    """A member comes along to a walk."""

    walk = models.ForeignKey(Walk, on_delete=models.CASCADE, related_name="sign_ups")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="sign_ups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["walk", "member"], name="club_one_sign_up")]

    def __str__(self) -> str:
        return f"{self.member} comes along to {self.walk}"
