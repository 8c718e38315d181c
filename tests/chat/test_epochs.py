"""Noticing that the database was restored: the data folder counts the starts that the database counts."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers

from teahouse.chat import epochs
from teahouse.chat.epochs import FILE_NAME, check_data_folder, renew_epochs
from teahouse.chat.making import ensure_room
from teahouse.models import Installation, Log
from tests.chat.talk import Talk
from tests.chat.threads import at_once


def starts(folder: Path) -> tuple[int, int]:
    """The count that the folder remembers, and the database's for it."""
    held = json.loads((folder / FILE_NAME).read_text())
    return held["starts"], Installation.objects.get(name=held["name"]).starts


def start(folder: Path, times: int = 1) -> list[bool]:
    return [check_data_folder(folder) for _ in range(times)]


def back_up() -> Any:
    return serializers.serialize("json", Installation.objects.all())


def restore(backup: Any) -> None:
    Installation.objects.all().delete()
    for row in serializers.deserialize("json", backup):
        row.save()


def test_renewing_gives_every_log_an_epoch_of_its_own_and_keeps_its_head(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    ensure_room("cake")
    talk.say("hello")
    before = dict(Log.objects.values_list("pk", "epoch"))
    with caplog.at_level(logging.WARNING, "teahouse"):
        renew_epochs("a test")
    after = dict(Log.objects.values_list("pk", "epoch"))
    assert before.keys() == after.keys()
    assert len({*before.values(), *after.values()}) == 4
    assert talk.head() == 1
    assert "a test" in caplog.text


def test_a_first_start_and_restarts_keep_the_epochs_and_count_alike(talk: Talk, tmp_path: Path) -> None:
    epoch = talk.epoch()
    assert start(tmp_path, times=3) == [False] * 3
    assert starts(tmp_path) == (3, 3)
    assert talk.epoch() == epoch


def test_a_restored_older_database_renews_the_epochs_once(talk: Talk, tmp_path: Path) -> None:
    start(tmp_path, times=2)
    backup = back_up()
    start(tmp_path)
    epoch = talk.epoch()
    restore(backup)

    assert check_data_folder(tmp_path)

    assert talk.epoch() != epoch
    assert start(tmp_path, times=2) == [False, False]
    assert len(set(starts(tmp_path))) == 1


def test_a_database_from_before_the_first_start_renews_them_too(talk: Talk, tmp_path: Path) -> None:
    backup = back_up()
    start(tmp_path)
    restore(backup)
    assert check_data_folder(tmp_path)


def test_a_restored_older_folder_is_no_restored_database(talk: Talk, tmp_path: Path) -> None:
    start(tmp_path, times=2)
    older = (tmp_path / FILE_NAME).read_text()
    start(tmp_path, times=2)
    (tmp_path / FILE_NAME).write_text(older)
    assert start(tmp_path, times=2) == [False, False]
    assert starts(tmp_path) == (6, 6)


def test_a_lost_folder_begins_to_count_anew(talk: Talk, tmp_path: Path) -> None:
    start(tmp_path, times=2)
    epoch = talk.epoch()
    (tmp_path / FILE_NAME).unlink()
    assert start(tmp_path, times=2) == [False, False]
    assert starts(tmp_path) == (2, 2)
    assert talk.epoch() == epoch


def test_two_folders_on_one_database_count_each_for_itself(talk: Talk, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    assert start(first, times=3) + start(second, times=1) + start(first, times=1) == [False] * 5
    assert starts(first) == (4, 4)
    assert starts(second) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 30,
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"7",
        b'{"name": "0123456789abcdef"}',
        b'{"name": "0123456789abcdef", "starts": null}',
        b'{"name": "0123456789abcdef", "starts": "many"}',
        b'{"name": "0123456789abcdef", "starts": -5}',
        b'{"name": "0123456789abcdef", "starts": 1e30}',
        b'{"name": "0123456789abcdef", "starts": 99999999999999999999999999}',
        b'{"name": null, "starts": 3}',
        b'{"name": "", "starts": 3}',
        b'{"name": "' + b"x" * 100 + b'", "starts": 3}',
        b'{"name": "a\\u0000b", "starts": 3}',
    ],
)
def test_an_unreadable_file_is_written_anew_and_said(
    talk: Talk, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """A disk that lost power may leave such a file: that tells nothing about the database."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with caplog.at_level(logging.WARNING, "teahouse"):
        assert start(tmp_path, times=2) == [False, False]
    assert f"{FILE_NAME} cannot be read" in caplog.text
    assert starts(tmp_path) == (2, 2)


def test_a_crash_between_database_and_file_is_no_sign_of_a_restore(
    talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path)

    def crash(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(epochs, "_write", crash)
        with pytest.raises(SystemExit):
            check_data_folder(tmp_path)
    assert starts(tmp_path) == (1, 2)
    assert start(tmp_path, times=2) == [False, False]
    assert starts(tmp_path) == (4, 4)


def test_a_crash_before_the_very_first_file_is_a_first_start_again(
    talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(epochs, "_write", crash)
        with pytest.raises(SystemExit):
            check_data_folder(tmp_path)
    assert start(tmp_path, times=2) == [False, False]


def test_nothing_is_left_in_the_folder_but_the_one_file(talk: Talk, tmp_path: Path) -> None:
    start(tmp_path, times=2)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_on_one_folder_never_take_it_for_a_restore(talk: Talk, tmp_path: Path) -> None:
    start(tmp_path)
    for _ in range(4):
        assert at_once([lambda: check_data_folder(tmp_path)] * 3) == [False] * 3
        remembered, counted = starts(tmp_path)
        assert remembered <= counted
    assert check_data_folder(tmp_path) is False
