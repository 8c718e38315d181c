"""The audit trail: pages of what was done in a room, the newest first."""

from teahouse.chat.audit import audit_page, keep_audit
from teahouse.chat.making import ensure_room
from teahouse.chat.people import SITE
from teahouse.models import Audit
from teahouse.protocol.codec import encode
from tests.chat.conftest import Clock
from tests.chat.talk import Talk


def test_a_page_shows_the_newest_deeds_and_says_whether_there_are_more(talk: Talk) -> None:
    for number in range(5):
        keep_audit("revoke", talk.room, SITE, invite=number)
    keep_audit("revoke", ensure_room("cake"), SITE, invite=99)
    first, more = audit_page(talk.room, limit=3)
    assert ([row["details"]["invite"] for row in first], more) == ([4, 3, 2], True)
    rest, more = audit_page(talk.room, before=first[-1]["audit"], limit=3)
    assert ([row["details"]["invite"] for row in rest], more) == ([1, 0], False)
    assert audit_page(talk.room, before=rest[-1]["audit"]) == ([], False)


def test_a_row_says_who_did_what_to_whom_and_why(talk: Talk, clock: Clock) -> None:
    talk.come(Olga="owner", Ann="member")
    Audit.objects.all().delete()
    talk.say("rude")
    seq = talk.head()
    talk.do(talk.delete("Olga", seq, seq), talk.ban("Olga", "Ann", until=9**9, reason="rude"))
    keep_audit("invite", talk.room, talk.person("Olga"), uses=None, outcome="")
    rows, _ = audit_page(talk.room)
    encode({"audit": rows})
    (first, second, third) = reversed(rows)
    assert (first["action"], first["actor"].name, first["person"].name, first["seq"]) == ("delete", "Olga", "Ann", seq)
    assert second["details"] == {"until": 9**9, "reason": "rude"}
    assert third.keys() == {"audit", "action", "at", "actor"}, "what does not apply is left out"
    assert {row["at"] for row in rows} == {clock.now}


def test_nothing_of_what_was_said_is_kept(talk: Talk) -> None:
    talk.come(Olga="owner")
    talk.say("a secret")
    seq = talk.head()
    talk.did(talk.delete("Olga", seq, seq))
    assert "secret" not in str(list(Audit.objects.values()))
