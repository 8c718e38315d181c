"""Whose rights entries may have ended, as it is read from a log."""

import pytest

from teahouse.chat.endings import concerns, endings_since
from teahouse.chat.people import Identity
from teahouse.protocol.events import EVERYBODY, GUESTS
from tests.chat.talk import Talk


def test_what_ended_rights_since_is_read_in_order(talk: Talk) -> None:
    talk.do(talk.join("Ann"), talk.join("Bob"), talk.post("Ann", "hello"))
    ann, bob = (talk.person(name).uid for name in ("Ann", "Bob"))
    talk.did(talk.leave("Ann"))
    talk.do(talk.remove("Host", "Bob", granted=True), talk.rights_changed(), talk.ban("Host", "Ann", granted=True))
    assert endings_since(talk.room.pk, 0) == [(4, ann), (5, bob), (6, EVERYBODY), (7, GUESTS)]
    assert endings_since(talk.room.pk, 5) == [(6, EVERYBODY), (7, GUESTS)]
    assert endings_since(talk.room.pk, 7) == []


@pytest.mark.parametrize(
    ("rights", "kinds"),
    [
        ([], []),
        (["ann"], ["guest", "user"]),
        (["bob"], []),
        ([GUESTS], ["guest"]),
        (["bob", EVERYBODY], ["guest", "user"]),
    ],
)
def test_a_right_is_of_whom_an_event_names(rights: list[str], kinds: list[str]) -> None:
    assert [kind for kind in ("guest", "user") if concerns(rights, Identity("ann", "Ann", kind))] == kinds
