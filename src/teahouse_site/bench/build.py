"""Compiles the load with the machine's C compiler, once for each version of its source; used by ``load``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCES = [FOLDER / "load.c", FOLDER / "line.c", FOLDER / "options.c"]
HEADERS = [FOLDER / "line.h", FOLDER / "options.h"]
COMPILERS = ("cc", "gcc", "clang")


class CannotBuild(Exception):
    """The load cannot be made on this machine; the text says why, and what helps."""


def load_program() -> Path:
    """Return the compiled load, compiling it when this version has not been yet. Raises CannotBuild."""
    if sys.platform != "linux":
        raise CannotBuild(f"the load is written for Linux (epoll), and this is {sys.platform}; run it in a container")
    content = b"".join(path.read_bytes() for path in [*SOURCES, *HEADERS])
    program = _folder() / f"load-{hashlib.sha256(content).hexdigest()[:16]}"
    if not program.exists():
        _compile(program)
    return program


def _compile(program: Path) -> None:
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        raise CannotBuild(
            "the load is a C program, and there is no C compiler here; on Debian: apt-get install gcc libc6-dev"
        )
    # Under a name of its own first: two that compile at once must not run half a program.
    draft = program.with_name(f"{program.name}.{os.getpid()}")
    done = subprocess.run(  # noqa: S603 (a list of words, and no shell)
        [compiler, "-O2", "-o", draft, *SOURCES], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        first = next(iter(done.stderr.splitlines()), "it said nothing")
        raise CannotBuild(f"{compiler} could not compile the load: {first}")
    draft.replace(program)


def _folder() -> Path:
    """Return the user's cache folder, or one in the temporary folder where that cannot be written."""
    wanted = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "teahouse"
    try:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    return wanted
