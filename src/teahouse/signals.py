"""Hears from Django that somebody changed, and has every process look at their sockets; connected by ``apps``."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils import timezone

from teahouse.chat.people import people_changed, uids_of_users
from teahouse.chat.proofs import has_keys

_OF_A_LOGIN = frozenset({"last_login"})
"""What Django itself saves at each login; nobody is another person for it."""


def connect() -> None:
    """Begin to hear; called once, when Django's apps are ready."""
    user_logged_out.connect(_logged_out, dispatch_uid="teahouse")
    post_save.connect(_user_saved, sender=django_settings.AUTH_USER_MODEL, dispatch_uid="teahouse")
    pre_delete.connect(_user_goes, sender=django_settings.AUTH_USER_MODEL, dispatch_uid="teahouse")
    if apps.is_installed("django.contrib.sessions"):
        post_delete.connect(_session_deleted, sender="sessions.Session", dispatch_uid="teahouse")
    if has_keys():
        post_delete.connect(_key_deleted, sender="authtoken.Token", dispatch_uid="teahouse")


def _logged_out(user: Any, **kwargs: Any) -> None:
    if user is not None:
        _changed([user.pk])


def _user_saved(instance: Any, created: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    if not created and not kwargs.get("raw") and update_fields != _OF_A_LOGIN:
        _changed([instance.pk])


def _user_goes(instance: Any, **kwargs: Any) -> None:
    _changed([instance.pk])


def _key_deleted(instance: Any, **kwargs: Any) -> None:
    _changed([instance.user_id])


def _session_deleted(instance: Any, **kwargs: Any) -> None:
    # Those that a site clears away because their time is over are very many, and nobody's any more.
    if instance.expire_date > timezone.now() and (key := instance.get_decoded().get(SESSION_KEY)):
        _changed([key])


def _changed(user_keys: Collection[Any]) -> None:
    """Tell after the commit. Who they are is asked now: a deleted user is no longer bound to a person by then."""
    uids = uids_of_users(user_keys)
    if uids:
        transaction.on_commit(partial(people_changed, uids), robust=True)
