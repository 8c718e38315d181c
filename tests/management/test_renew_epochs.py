"""Tests of the command `renew_epochs`."""

import pytest
from django.core.management import call_command

from teahouse.chat.log import catch_up, head_of
from teahouse.chat.making import ensure_room
from teahouse.protocol.events import Reset


@pytest.mark.django_db
def test_after_it_a_position_from_before_begins_anew(capsys: pytest.CaptureFixture[str]) -> None:
    rooms = [ensure_room("tea"), ensure_room("cake")]
    before = [head_of(room) for room in rooms]
    call_command("renew_epochs")
    for room, (epoch, seq) in zip(rooms, before, strict=True):
        found = catch_up(room, epoch, seq)
        assert isinstance(found, Reset)
        assert found.reason == "epoch"
    assert "begins anew" in capsys.readouterr().out
