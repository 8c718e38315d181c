"""Tests of how the load is compiled: once, whole, and with a clear word when it cannot be."""

import os
import shutil
from pathlib import Path

import pytest

from teahouse_site.bench import build
from teahouse_site.bench.build import CannotBuild, load_program


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiler that writes its arguments into what it makes, and counts how often it was called."""
    program = tmp_path / "bin" / "cc"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho called >>"$(dirname "$0")/calls"\necho "$@" >"$3"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def test_it_is_compiled_once_into_the_cache(cache: Path, compiler: Path) -> None:
    first = load_program()
    assert first == load_program()
    assert first.parent == cache / "teahouse"
    assert (compiler.parent / "calls").read_text() == "called\n"
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_another_source_is_another_program(
    cache: Path, compiler: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_program()
    changed = tmp_path / "load.c"
    changed.write_text(build.SOURCES[0].read_text() + "\n")
    monkeypatch.setattr(build, "SOURCES", [changed, *build.SOURCES[1:]])
    assert load_program() != first


def test_without_a_compiler_it_says_what_to_install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CannotBuild, match="no C compiler here; on Debian: apt-get install gcc libc6-dev"):
        load_program()


def test_a_compiler_that_fails_is_quoted(cache: Path, compiler: Path) -> None:
    compiler.write_text("#!/bin/sh\necho 'line.h: no such file' >&2\nexit 1\n")
    with pytest.raises(CannotBuild, match=r"could not compile the load: line\.h: no such file"):
        load_program()
    assert not list((cache / "teahouse").iterdir())


def test_elsewhere_than_on_linux_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(CannotBuild, match="written for Linux"):
        load_program()
