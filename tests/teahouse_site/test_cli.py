"""Tests of the `teahouse` command's words, without a server."""

from pathlib import Path

import pytest

from teahouse_site.cli import main


def test_a_database_that_is_none_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEAHOUSE_DATA", str(tmp_path))
    monkeypatch.setenv("TEAHOUSE_DATABASE", "mysql://here")
    with pytest.raises(SystemExit, match="teahouse: TEAHOUSE_DATABASE begins with 'mysql'"):
        main(["serve"])


def test_limits_that_are_neither_on_nor_off_are_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEAHOUSE_DATA", str(tmp_path))
    monkeypatch.setenv("TEAHOUSE_LIMITS", "maybe")
    with pytest.raises(SystemExit, match="teahouse: TEAHOUSE_LIMITS is 'maybe'; write on or off"):
        main(["serve"])


def test_a_proxy_that_is_no_address_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEAHOUSE_DATA", str(tmp_path))
    monkeypatch.setenv("TEAHOUSE_PROXIES", "*")
    with pytest.raises(SystemExit, match=r"teahouse: TEAHOUSE_PROXIES: '\*' is no proxy's address; write"):
        main(["serve"])


def test_a_data_folder_that_cannot_be_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TEAHOUSE_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(SystemExit, match="cannot use the data folder"):
        main(["migrate"])


def test_help_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEAHOUSE_DATA", str(tmp_path / "data"))
    main(["--help"])
    assert "createsuperuser" in capsys.readouterr().out
    assert not (tmp_path / "data").exists()
