"""How events and answers stand on the wire; the golden examples show each."""

from __future__ import annotations

import pytest

from teahouse.errors import BadField, Conflict, NotAllowed, Overloaded
from teahouse.protocol.codec import encode
from teahouse.protocol.events import (
    Changes,
    MemberRow,
    MessageRow,
    PersonRow,
    Reset,
    RoomState,
    error_answer,
    ok,
    refusal,
    refused_room,
)

ANN = PersonRow(id="g1", name="Ann", kind="guest")


def test_changes_leave_out_what_is_empty() -> None:
    event = Changes(room="lobby", epoch="e", after=1, upto=2)

    assert encode(event) == '{"type":"changes","room":"lobby","epoch":"e","after":1,"upto":2}'


def test_a_reset_always_has_its_messages() -> None:
    event = Reset(room="lobby", epoch="e", upto=0, reason="new", messages=[], more=False)

    assert '"messages":[]' in encode(event)
    assert '"more":false' in encode(event)


def test_a_deleted_message_has_no_text_and_an_edited_one_says_when() -> None:
    deleted = MessageRow(seq=1, changed=2, at=3, author=ANN, key="k", deleted=True)
    edited = MessageRow(seq=1, changed=2, at=3, author=ANN, key="k", text="", edited_at=4)

    assert '"text"' not in encode(deleted)
    assert encode(deleted).endswith('"deleted":true}')
    assert encode(edited).endswith('"text":"","edited_at":4}')


def test_a_member_who_left_has_the_role_null() -> None:
    assert encode(MemberRow(person=ANN, changed=1, role=None)).endswith('"changed":1,"role":null}')


REST = '"locked":false,"archived":false,"slow_seconds":0,"muted_until":0,"can_moderate":false,"can_invite":false}'


def test_a_room_always_says_role_right_and_what_was_read() -> None:
    state = RoomState(room="lobby", title="Lobby", kind="open", epoch="e", head=0, role=None, can_post=False)

    assert encode(state).endswith('"head":0,"role":null,"can_post":false,"read":null,"unread":null,' + REST)
    assert encode(ok(2, **state.fields())) == '{"type":"ok","id":2,' + encode(state)[1:]


def test_an_event_cannot_be_changed() -> None:
    event = Changes(room="lobby", epoch="e", after=1, upto=2)

    with pytest.raises(AttributeError):
        event.upto = 3  # type: ignore[misc]


def test_two_events_share_no_list_of_messages() -> None:
    first, second = (Changes(room="lobby", epoch="e", after=1, upto=2) for _ in range(2))

    assert first.messages is not second.messages


def test_an_error_says_only_what_it_has() -> None:
    assert refusal(NotAllowed("no")) == {"code": "not_allowed", "text": "no", "retry": False}
    assert refusal(BadField("no", field="seq"))["field"] == "seq"
    assert refusal(Overloaded("later", retry_after=0.0)) == {
        "code": "overloaded",
        "text": "later",
        "retry": True,
        "retry_after": 0.0,
    }


def test_the_details_of_an_error_stand_beside_and_never_over_what_every_error_says() -> None:
    error = Conflict("no", message={"seq": 1}, code="ok", retry=True)

    assert refusal(error) == {"code": "conflict", "text": "no", "retry": False, "message": {"seq": 1}}


def test_the_row_of_a_conflict_can_be_encoded() -> None:
    row = MessageRow(seq=1, changed=2, at=3, author=ANN, key="k", text="hello")

    assert '"message":{"seq":1,"changed":2' in encode(error_answer(5, Conflict("no", message=row)))


def test_an_answer_without_a_command_has_the_id_null() -> None:
    assert error_answer(None, NotAllowed("no"))["id"] is None
    assert error_answer(0, NotAllowed("no"))["id"] == 0


def test_a_refused_room_is_named_as_it_was_asked_for() -> None:
    assert refused_room("A/B", NotAllowed("no"))["room"] == "A/B"
