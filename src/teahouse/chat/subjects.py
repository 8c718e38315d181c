"""The object of the host that a room belongs to, whatever its model and key; used by rooms and by policies."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model

from teahouse.models import Room


def subject_key(subject: Model) -> tuple[str, str]:
    """Return the label of an object's model and the object's key as text, by which its rooms are found.

    Raises ValueError for an object that has no key yet.
    """
    if subject.pk is None:
        raise ValueError(f"{subject!r} is not saved yet, so no room can belong to it; save it first")
    pk = subject._meta.pk
    assert pk is not None
    # A proxy is the same object by another name.
    model = subject._meta.concrete_model or type(subject)
    return model._meta.label_lower, str(pk.value_to_string(subject))


def subject_of(room: Room) -> Any:
    """Return the object that a room belongs to; None when it belongs to none, or that one is gone."""
    if not room.subject_type:
        return None
    try:
        model = apps.get_model(room.subject_type)
        pk = model._meta.pk
        assert pk is not None
        return model._default_manager.filter(pk=pk.to_python(room.subject_id)).first()
    except (LookupError, ValueError, ValidationError):  # the host took the model away, or gave it other keys
        return None


def rooms_of(subject: Model) -> list[Room]:
    """Return the rooms that belong to an object, the oldest first, each with its log."""
    label, key = subject_key(subject)
    found = Room.objects.select_related("log").filter(subject_type=label, subject_id=key)
    return sorted(found, key=lambda room: int(room.pk))
