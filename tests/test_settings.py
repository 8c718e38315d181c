"""Teahouse's settings: typed, each with a default, read live from the host's dict."""

from typing import Any, get_origin, get_type_hints

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from teahouse.models import Person, Room
from teahouse.settings import TeahouseSettings, setting_names, settings


def test_every_setting_has_a_type_and_a_default_of_that_type() -> None:
    names = {name for name in vars(TeahouseSettings) if name.isupper()}
    assert set(setting_names()) == names
    hints = {name: get_origin(hint) or hint for name, hint in get_type_hints(TeahouseSettings).items()}
    wrong = {
        name: default
        for name in names
        if not isinstance(default := getattr(settings, name), (int, float) if hints[name] is float else hints[name])
    }
    assert not wrong


@pytest.mark.parametrize("name", setting_names())
def test_the_host_overrides_a_setting_and_reading_it_is_live(name: str) -> None:
    default = getattr(settings, name)
    with override_settings(TEAHOUSE={name: "the host's"}):
        assert getattr(settings, name) == "the host's"
    assert getattr(settings, name) == default


def test_a_host_without_the_dict_has_the_defaults() -> None:
    with override_settings():
        if hasattr(django_settings, "TEAHOUSE"):
            del django_settings.TEAHOUSE
        assert settings.MAX_MESSAGE_LENGTH == 4000


def test_one_override_leaves_the_others_as_they_are() -> None:
    with override_settings(TEAHOUSE={"PAGE_MESSAGES": 7}):
        assert (settings.PAGE_MESSAGES, settings.MAX_MESSAGE_LENGTH) == (7, 4000)


def test_a_key_that_is_no_setting_changes_nothing_and_cannot_be_read() -> None:
    """A misspelt name must not work in one place and fail in another; the doctor will name it to the host."""
    with override_settings(TEAHOUSE={"PAGE_MESAGES": 7}):
        assert settings.PAGE_MESSAGES == 50
        unread: Any = settings
        with pytest.raises(AttributeError):
            _ = unread.PAGE_MESAGES


def test_limits_fit_the_tables() -> None:
    """Names of these lengths must find room in their columns, on databases that count."""
    assert Person._meta.get_field("name").max_length >= settings.MAX_NICKNAME_LENGTH
    assert Room._meta.get_field("title").max_length >= 3 * settings.MAX_ROOM_NAME_LENGTH
