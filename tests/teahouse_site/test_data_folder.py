"""The folder that a restart must find as it was."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from teahouse_site.data_folder import prepare, secret_key


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "uploads").is_dir()
    assert prepare(tmp_path / "a" / "b") == folder


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) >= 50
    assert secret_key(tmp_path) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_strict_or_a_lax_umask_changes_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secret_key(tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_whoever_starts_at_the_same_moment_gets_the_same_key(tmp_path: Path) -> None:
    for number in range(20):
        folder = prepare(tmp_path / str(number))
        with ThreadPoolExecutor(8) as starters:
            keys = set(starters.map(secret_key, [folder] * 8))
        assert len(keys) == 1


def test_processes_that_start_at_the_same_moment_get_the_same_key(tmp_path: Path) -> None:
    program = "from pathlib import Path; from teahouse_site.data_folder import secret_key; print(secret_key(Path('.')))"
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    keys = {process.communicate(timeout=30)[0].strip() for process in started}
    assert len(keys) == 1
    assert keys != {""}
