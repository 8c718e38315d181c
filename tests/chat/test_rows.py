"""How messages and memberships look on the wire."""

from teahouse.chat.rows import member_row, message_row
from teahouse.models import Membership, Message, Person
from teahouse.protocol.codec import encode

ANN = Person(uid="g1", kind="guest", name="Ann")
SAID = {"seq": 3, "changed": 3, "author": ANN, "key": "k", "digest": "secret digest", "text": "hello", "at": 1000}


def test_a_message_as_it_was_posted() -> None:
    assert encode(message_row(Message(**SAID))) == (
        '{"seq":3,"changed":3,"at":1000,"author":{"id":"g1","name":"Ann","kind":"guest"},"key":"k","text":"hello"}'
    )


def test_an_edited_message_says_when() -> None:
    row = message_row(Message(**{**SAID, "changed": 5, "edited_at": 2000}))
    assert (row.changed, row.edited_at, row.text) == (5, 2000, "hello")


def test_a_deleted_message_has_no_text_even_where_the_table_still_had_it() -> None:
    row = message_row(Message(**{**SAID, "changed": 5, "edited_at": 2000, "deleted": True}))
    assert encode(row) == (
        '{"seq":3,"changed":5,"at":1000,"author":{"id":"g1","name":"Ann","kind":"guest"},"key":"k","deleted":true}'
    )


def test_a_membership_has_its_role_and_none_after_leaving() -> None:
    membership = Membership(person=ANN, changed=4, role="member")
    assert encode(member_row(membership)) == (
        '{"person":{"id":"g1","name":"Ann","kind":"guest"},"changed":4,"role":"member"}'
    )
    membership.role = ""
    assert member_row(membership).role is None
