"""Tests of `teahouse.checks.start_lines`: what of a project's files starts a server, and how."""

import sys

import pytest

from teahouse.checks.start_lines import StartLine, start_lines
from tests.checks.conftest import Written

EXAMPLES = {
    "Procfile": "# uvicorn old.asgi:application\nweb: uvicorn web.asgi:application --workers 4\n",
    "Dockerfile": "RUN pip install uvicorn\n"
    'CMD ["gunicorn", "web.asgi:application", "-k", "uvicorn.workers.UvicornWorker"]\n',
    "Makefile": "run:\n\t.venv/bin/python -m uvicorn \\\n\t    web.asgi:application --reload\n",
    "deploy/chat.service": "[Service]\nExecStart=/srv/.venv/bin/daphne -p 8000 web.asgi:application\n",
    "compose.yaml": 'services:\n  web:\n    command: "hypercorn -w 2 web.asgi:application"\n',
    "serve.py": 'import uvicorn\n\nuvicorn.run("web.asgi:application", workers=3, ws_per_message_deflate=False)\n',
}


@pytest.mark.parametrize(
    ("name", "line", "words", "workers"),
    [
        ("Procfile", 2, ("uvicorn", "web.asgi:application", "--workers", "4"), 4),
        ("Dockerfile", 2, ("gunicorn", "web.asgi:application", "-k", "uvicorn.workers.UvicornWorker"), 1),
        ("Makefile", 2, ("uvicorn", "web.asgi:application", "--reload"), 1),
        ("deploy/chat.service", 2, ("daphne", "-p", "8000", "web.asgi:application"), 1),
        ("compose.yaml", 3, ("hypercorn", "-w", "2", "web.asgi:application"), 2),
        ("serve.py", 3, ("uvicorn", "--workers", "3", "--ws-per-message-deflate", "False"), 3),
    ],
)
def test_a_line_that_starts_a_server_is_found_where_it_stands(
    written: Written, name: str, line: int, words: tuple[str, ...], workers: int
) -> None:
    project = written({name: EXAMPLES[name]})

    (found,) = start_lines(project)

    assert found.words == words
    assert found.workers == workers
    assert found.place is not None
    assert found.place.below(project.folder) == f"{name}:{line}"


def test_what_names_a_server_without_an_application_starts_none(written: Written) -> None:
    install = "pip install uvicorn daphne\nuvicorn --version\ngunicorn -b 127.0.0.1:8000\n"
    assert start_lines(written({"install.sh": install, "notes.txt": EXAMPLES["Procfile"]})) == []


@pytest.mark.parametrize("program", ["/srv/.venv/bin/uvicorn", "/srv/lib/uvicorn/__main__.py"])
def test_this_process_is_told_by_its_command_line(
    written: Written, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "argv", [program, "web.asgi:application"])
    monkeypatch.setenv("WEB_CONCURRENCY", "5")

    (found,) = start_lines(written({}))

    assert found.text == "uvicorn web.asgi:application"
    assert found.place is None
    assert found.workers == 5


def test_the_environment_of_this_process_says_nothing_of_a_file(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "5")
    assert start_lines(written({"Makefile": EXAMPLES["Makefile"]}))[0].workers == 1


def test_an_option_is_read_in_both_spellings_and_the_last_one_counts() -> None:
    line = StartLine(("uvicorn", "--workers=2", "--workers", "3", "--ws=none"))
    assert line.option("--workers", "-w") == "3"
    assert line.option("--ws") == "none"
    assert line.option("--port") is None


def test_a_password_in_a_line_is_not_shown() -> None:
    line = StartLine(("uvicorn", "web.asgi:application", "--ssl-keyfile-password", "teapot", "--workers", "2"))
    assert line.text == "uvicorn web.asgi:application --ssl-keyfile-password … --workers 2"
    glued = StartLine(("uvicorn", "--ssl-keyfile-password=teapot", "--workers", "2"))
    assert glued.text == "uvicorn --ssl-keyfile-password=… --workers 2"


@pytest.mark.parametrize(
    ("words", "application", "is_wsgi"),
    [
        ("uvicorn web.asgi:application --host 0.0.0.0", "web.asgi:application", False),
        ("gunicorn -b localhost:8000 web.wsgi:application", "web.wsgi:application", True),
        ("gunicorn --bind 0.0.0.0:8000 web.asgi -k uvicorn.workers.UvicornWorker", "web.asgi:application", False),
        ("gunicorn web.wsgi", "web.wsgi:application", True),
    ],
)
def test_the_application_is_told_from_an_address(words: str, application: str, is_wsgi: bool) -> None:
    line = StartLine(tuple(words.split()))
    assert (line.application, line.is_wsgi) == (application, is_wsgi)


def test_a_module_without_a_name_is_an_application_to_gunicorn(written: Written) -> None:
    (line,) = start_lines(written({"start.sh": "exec /usr/bin/gunicorn web.asgi --bind 0.0.0.0:5000\n"}))
    assert line.application == "web.asgi:application"
