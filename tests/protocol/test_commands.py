"""What the structs of commands promise."""

from __future__ import annotations

import msgspec
import pytest

from teahouse.protocol.commands import COMMANDS, Command, Hello, Post
from teahouse.protocol.fields import GREATEST_INTEGER


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_named_like_its_struct(kind: type[Command]) -> None:
    assert COMMANDS[kind.__name__.lower()] is kind


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=COMMANDS)
def test_every_command_but_ping_and_pong_has_an_id(kind: type[Command]) -> None:
    assert ("id" in kind.__struct_fields__) == (kind.__name__ not in ("Ping", "Pong"))


def test_a_command_cannot_be_changed() -> None:
    post = Post(id=1, room="lobby", key="k", text="hello")

    with pytest.raises(AttributeError):
        post.text = "goodbye"  # type: ignore[misc]


def test_the_greatest_integer_is_the_greatest_that_a_double_counts_to() -> None:
    assert float(GREATEST_INTEGER) == GREATEST_INTEGER
    assert float(GREATEST_INTEGER + 2) == float(GREATEST_INTEGER + 1)


def test_two_hellos_share_no_list_of_rooms() -> None:
    first, second = Hello(id=1, version=1), Hello(id=2, version=1)

    assert first.rooms == []
    assert first.rooms is not second.rooms


def test_a_command_survives_the_wire() -> None:
    post = Post(id=1, room="群聊", key="k", text="a\nb")

    assert msgspec.json.decode(msgspec.json.encode(post), type=Command) == post
