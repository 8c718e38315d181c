"""Reports: one of each person about a message, in a queue until somebody resolves it."""

from typing import Any

import pytest

from teahouse.chat.making import ensure_room
from teahouse.chat.reports import report, resolve, waiting_reports
from teahouse.errors import NoSuchMessage, NoSuchReport
from teahouse.models import Audit, Report
from teahouse.protocol.codec import encode
from tests.chat.conftest import Clock
from tests.chat.talk import Talk


def waiting(talk: Talk) -> list[tuple[Any, ...]]:
    rows = waiting_reports(talk.room)
    encode({"reports": rows})
    return [(row["message"].seq, row["reporter"].name, row["reason"], row["message"].text) for row in rows]


def test_reports_wait_the_oldest_first_with_the_message_as_it_stands(talk: Talk, clock: Clock) -> None:
    talk.say("rude", "ruder")
    report(talk.room, 2, talk.person("Bob"), "ouch")
    report(talk.room, 1, talk.person("Eve"))
    report(talk.room, 2, talk.person("Eve"), "again")
    talk.did(talk.edit("Ann", 1, 1, "kind"))
    talk.did(talk.delete("Ann", 2, 2))
    assert waiting(talk) == [(2, "Bob", "ouch", None), (1, "Eve", "", "kind"), (2, "Eve", "again", None)]
    assert waiting_reports(talk.room)[0]["at"] == clock.now


def test_the_same_report_again_is_one_and_waits_again_once_it_was_resolved(talk: Talk, clock: Clock) -> None:
    talk.say("rude")
    bob = talk.person("Bob")
    first = report(talk.room, 1, bob, "ouch")
    assert report(talk.room, 1, bob, "really").pk == first.pk
    assert waiting(talk) == [(1, "Bob", "really", "rude")]
    resolve(talk.room, first.pk, talk.person("Mona"), "let it be")
    assert waiting(talk) == []
    clock.pass_seconds(60)
    report(talk.room, 1, bob, "still")
    assert waiting(talk) == [(1, "Bob", "still", "rude")]
    row = Report.objects.get()
    assert (row.resolver, row.resolved_at, row.outcome, row.at) == (None, None, "", clock.now)


def test_what_came_of_a_report_is_kept_with_who_said_so(talk: Talk, clock: Clock) -> None:
    talk.say("rude")
    found = report(talk.room, 1, talk.person("Bob"))
    resolve(talk.room, found.pk, talk.person("Mona"), "let it be")
    row = Report.objects.select_related("resolver").get()
    assert row.resolver is not None
    assert (row.resolver.name, row.resolved_at, row.outcome) == ("Mona", clock.now, "let it be")
    (kept,) = Audit.objects.values("action", "actor__name", "message_seq", "details")
    assert kept == {
        "action": "resolve",
        "actor__name": "Mona",
        "message_seq": 1,
        "details": f'{{"report":{found.pk},"outcome":"let it be"}}',
    }


def test_a_report_is_resolved_once_and_only_in_its_own_room(talk: Talk) -> None:
    talk.say("rude")
    cake = ensure_room("cake")
    talk.do(talk.post("Ann", "rude", room=cake))
    own, other = report(talk.room, 1, talk.person("Bob")).pk, report(cake, 1, talk.person("Bob")).pk
    resolve(talk.room, own, talk.person("Mona"))
    texts = set()
    for number in (own, other, 10**6):
        with pytest.raises(NoSuchReport) as refused:
            resolve(talk.room, number, talk.person("Mona"))
        texts.add(refused.value.text.replace(str(number), "…"))
    assert len(texts) == 1
    assert [row["report"] for row in waiting_reports(cake)] == [other]
    assert Audit.objects.count() == 1


def test_a_message_that_is_not_there_or_was_deleted_or_is_anothers_is_reported_by_nobody(talk: Talk) -> None:
    talk.say("gone")
    talk.did(talk.delete("Ann", 1, 1))
    cake = ensure_room("cake")
    talk.do(*(talk.post("Ann", "x", room=cake) for _ in range(5)))
    texts = set()
    for seq in (1, 2, 5, 99):
        with pytest.raises(NoSuchMessage) as refused:
            report(talk.room, seq, talk.person("Bob"))
        texts.add(refused.value.text.replace(str(seq), "…"))
    assert len(texts) == 1
    assert not Report.objects.exists()
