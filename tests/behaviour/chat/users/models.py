"""User models of hosts that do not number their users."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UuidUser(AbstractBaseUser):
    """Known by a random UUID, and named by a mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[BaseUserManager["UuidUser"]] = BaseUserManager()
    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class StringUser(AbstractBaseUser):
    """Known by the name itself, which may be any text."""

    login = models.CharField(max_length=100, primary_key=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[BaseUserManager["StringUser"]] = BaseUserManager()
    USERNAME_FIELD = "login"

    def __str__(self) -> str:
        return self.login
