"""How servers of the project are started: by this process's command line, and by lines in the project's files.

Used by rules about servers. What is started one by one, by hand or by another machine, nobody can see here.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from teahouse.checks.findings import Place
from teahouse.checks.project import Project
from teahouse.checks.sources import called, dotted, read

SERVERS = ("uvicorn", "gunicorn", "hypercorn", "granian", "daphne")
_FILES = (
    "Procfile*", "Makefile", "justfile", "*.sh", "Dockerfile*", "compose*.y*ml", "docker-compose*.y*ml", "*.service",
    "supervisor*.conf", "package.json",
)  # fmt: skip
# gunicorn needs no name in a module whose application is called application.
_APPLICATION = re.compile(r"^[A-Za-z_][\w.]*(:[A-Za-z_]\w*(\(\))?|\.[aw]sgi)$")
_BETWEEN_WORDS = re.compile(r"[\s\[\]\",';]+")


@dataclass(frozen=True, slots=True)
class StartLine:
    """A command line that starts an ASGI server: the server's name, then its words; no place when it runs now."""

    words: tuple[str, ...]
    place: Place | None = None

    @property
    def server(self) -> str:
        """One of SERVERS."""
        return self.words[0]

    @property
    def application(self) -> str:
        """What it serves, as servers have it: ``package.module:name``; an address with its port is none."""
        found = next(filter(_APPLICATION.match, self.words), "package.asgi")
        return found if ":" in found else f"{found}:application"

    @property
    def is_wsgi(self) -> bool:
        """Claim that it serves a WSGI application, and so pages and no sockets."""
        return "wsgi" in self.application

    @property
    def text(self) -> str:
        """The line as one would type it, without what is nobody's business."""
        return re.sub(r"(--\S*password[ =])\S+", r"\1…", " ".join(self.words))

    @property
    def to_develop(self) -> bool:
        """Claim that it restarts at each change, which nobody wants in production."""
        return "--reload" in self.words

    def option(self, *names: str) -> str | None:
        """Return the value of an option, ``--name value`` or ``--name=value``; the last one counts."""
        found = None
        for word, following in zip(self.words, (*self.words[1:], ""), strict=True):
            name, equals, value = word.partition("=")
            if name in names:
                found = value if equals else following
        return found

    @property
    def workers(self) -> int:
        """How many processes it starts, as far as the line says; 1 when it does not."""
        said = self.option("--workers", "-w") if self.server != "daphne" else None
        if said is None and self.place is None and self.server in {"uvicorn", "gunicorn"}:
            said = os.environ.get("UVICORN_WORKERS") or os.environ.get("WEB_CONCURRENCY")
        return int(said) if said and said.isdecimal() else 1


def start_lines(project: Project) -> list[StartLine]:
    """Return all that can be seen: this process first, then files by name."""
    return [*_this_process(), *_in_files(project), *_in_python(project)]


def _this_process() -> Iterator[StartLine]:
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    if name in SERVERS:
        yield StartLine((name, *sys.argv[1:]))


def _in_files(project: Project) -> Iterator[StartLine]:
    for path in project.files_around(*_FILES):
        for number, text in _lines(path.read_text(encoding="utf-8", errors="replace")):
            words = _BETWEEN_WORDS.split(text)
            at = next((index for index, word in enumerate(words) if Path(word).name in SERVERS), None)
            # The application tells a start from `pip install uvicorn`.
            if at is not None and any(map(_APPLICATION.match, words[at:])):
                yield StartLine((Path(words[at]).name, *filter(None, words[at + 1 :])), Place(path, number))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers, those that go on after a backslash as one, and no comments."""
    begun, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        first = first if begun else number
        begun += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield first, begun
            begun = ""


def _in_python(project: Project) -> Iterator[StartLine]:
    """Yield ``uvicorn.run(…)`` and ``uvicorn.Config(…)`` as the command lines that they stand for."""
    for path in project.files("*.py", depth=1):
        source = read(path, "")
        for node in ast.walk(source.tree) if source else ():
            if isinstance(node, ast.Call) and called(node) in {"run", "Config"} and dotted(node.func)[:8] == "uvicorn.":
                yield StartLine(("uvicorn", *_as_options(node)), Place(path, node.lineno))


def _as_options(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        name = f"--{(keyword.arg or '').replace('_', '-')}"
        if isinstance(value, bool) and name == "--reload":
            yield from [name] if value else []
        elif value is not None:
            yield from (name, str(value))
