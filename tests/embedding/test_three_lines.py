"""A fresh project with the three lines and nothing else: two people talk in it, whichever server it runs under."""

import pytest

from tests.embedding.conftest import NewVisitor
from tests.embedding.fresh_project import ASGI_IMPORT, ASGI_LINE, SETTINGS_LINE, URLS_LINE, FreshProject
from tests.servers.asgi import ROOT, ServerStarter
from tests.servers.processes import ServerProcess


def start(program: str, project: FreshProject, start_server: ServerStarter) -> ServerProcess:
    if program == "daphne's runserver":
        project.serve_by_daphnes_runserver()
    if program.endswith("runserver"):
        return start_server.runserver(folder=project.folder, environment=project.environment)
    start_program = {"uvicorn": start_server.uvicorn, "daphne": start_server.daphne}[program]
    return start_program(project.application, folder=project.folder, environment=project.environment)


@pytest.mark.parametrize(
    ("program", "state"),
    [
        ("uvicorn", "online"),
        ("daphne", "online"),
        ("daphne's runserver", "online"),
        # Django's own serves no sockets.
        ("runserver", "polling"),
    ],
)
def test_two_people_talk(
    program: str, state: str, fresh_project: FreshProject, start_server: ServerStarter, new_visitor: NewVisitor
) -> None:
    server = start(program, fresh_project, start_server)
    ann, bob = new_visitor(), new_visitor()
    for visitor in (ann, bob):
        visitor.open(f"{server.url}/chat/room/tea/", state=state)
    ann.say("Is anybody here?")
    bob.sees("Is anybody here?")
    bob.say("I am.")
    ann.sees("I am.")
    if state == "polling":
        ann.complaints = bob.complaints = []  # the browser's own, about the socket that nobody serves
    assert "Traceback" not in server.log


def test_the_rooms_that_the_host_made_are_in_the_lobby(
    fresh_project: FreshProject, start_server: ServerStarter, new_visitor: NewVisitor
) -> None:
    server = start("uvicorn", fresh_project, start_server)
    ann = new_visitor()
    ann.page.goto(f"{server.url}/chat/")
    ann.page.get_by_role("link", name="Tea", exact=False).last.click()
    ann.is_in_state("online")


@pytest.mark.parametrize("page", ["README.md", "docs/embedding.md"])
@pytest.mark.parametrize("line", [SETTINGS_LINE.rstrip(","), URLS_LINE.rstrip(","), ASGI_LINE, ASGI_IMPORT])
def test_the_lines_are_those_that_the_docs_tell_to_write(page: str, line: str) -> None:
    assert line in (ROOT / page).read_text()
