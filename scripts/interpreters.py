"""Finds the Pythons of this machine and makes an environment for each with each Django; used by run_tests.py."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "dev.txt"
# Laid over the lock, which holds the newest Django that a Python takes.
DJANGO_5_2_LOCK = ROOT / "requirements" / "django-5.2.txt"

PYTHONS = ["3.11", "3.12", "3.13"]


@dataclass(frozen=True)
class Combination:
    """One Python with one Django, by their feature releases."""

    python: str
    django: str

    def __str__(self) -> str:
        return f"Python {self.python} with Django {self.django}"


def newest_django() -> str:
    """The newest feature release in the lock, such as 6.1."""
    releases = re.findall(r"^django==(\d+\.\d+)", LOCK.read_text(), re.MULTILINE)
    return max(releases, key=lambda release: tuple(map(int, release.split("."))))


def every_combination() -> list[Combination]:
    # Django 6 needs Python 3.12.
    return [
        Combination(python, django)
        for python in PYTHONS
        for django in ("5.2", newest_django())
        if (python, django) != ("3.11", newest_django())
    ]


def own_combination() -> Combination:
    """What this very process runs on: the development environment."""
    answer = "import django, sys; print('%d.%d' % sys.version_info[:2], '%d.%d' % django.VERSION[:2])"
    printed = subprocess.run([sys.executable, "-c", answer], check=True, capture_output=True, text=True).stdout
    return Combination(*printed.split())


def interpreter(python: str) -> Path | None:
    """A working interpreter of that release: from PATH, or from pyenv's folder of versions."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{python}"), *sorted(map(str, pyenv.glob(f"{python}.*/bin/python{python}")))]
    return next((Path(path) for path in found if path and works(path)), None)


def works(path: str) -> bool:
    """Asked, because pyenv puts a stand-in on PATH that only says that the version is not chosen."""
    return subprocess.run([path, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def environment_for(combination: Combination, python: Path) -> Path:
    """The Python of an environment with that Django, made from the lock when the lock has changed."""
    folder = ROOT / ".venvs" / f"python{combination.python}-django{combination.django}"
    program = folder / "bin" / "python"
    locks = [LOCK, DJANGO_5_2_LOCK] if combination.django == "5.2" else [LOCK]
    made_from = hashlib.sha256(b"".join(path.read_bytes() for path in [*locks, ROOT / "pyproject.toml"])).hexdigest()
    stamp = folder / "made-from"
    if stamp.exists() and stamp.read_text() == made_from:
        return program
    subprocess.run([str(python), "-m", "venv", "--clear", str(folder)], check=True)
    for lock in locks:
        pip_install(program, "--require-hashes", "--no-deps", "--requirement", str(lock))
    pip_install(program, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    stamp.write_text(made_from)
    return program


def pip_install(program: Path, *arguments: str) -> None:
    quickly = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([str(program), "-m", "pip", "install", *quickly, *arguments], check=True)
