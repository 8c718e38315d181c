"""Programs that talk through `teahouse.chat` in processes of their own."""

from collections.abc import Iterator

import pytest

from tests.behaviour.chat.programs import Begin, Program


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts a program: `begin("write_on", environment, "300")`."""
    begun: list[Program] = []

    def start(name: str, environment: dict[str, str], *arguments: str) -> Program:
        begun.append(Program(name, environment, *arguments))
        return begun[-1]

    yield start
    for program in begun:
        program.end()
