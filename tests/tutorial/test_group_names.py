"""How a room's name becomes a group's."""

from collections.abc import Callable
from types import ModuleType

import pytest
from channels.layers import InMemoryChannelLayer

App01 = Callable[[str], ModuleType]


@pytest.mark.parametrize("room", ["admin", "群聊", "tea & cake", "../..", "x" * 10_000, "\ud800", "\0"])
def test_a_layer_takes_the_group_name_of_any_room(app01: App01, room: str) -> None:
    name = app01("group_names").group_name(room)

    InMemoryChannelLayer().require_valid_group_name(name)


@pytest.mark.parametrize(("one", "other"), [("Admin", "admin"), ("caf\u00e9", "cafe\u0301"), ("ｔｅａ", "tea")])
def test_spellings_of_one_name_share_a_group(app01: App01, one: str, other: str) -> None:
    group_name = app01("group_names").group_name

    assert group_name(one) == group_name(other)


def test_two_rooms_have_two_groups(app01: App01) -> None:
    group_name = app01("group_names").group_name

    assert group_name("群聊") != group_name("闲聊")
