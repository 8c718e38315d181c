"""The tutorial's two pages: the code that they show stands in the project, and both tell the same."""

import re
from pathlib import Path

import pytest

from tests.servers.asgi import ROOT

ENGLISH = ROOT / "docs" / "tutorial.md"
CHINESE = ROOT / "docs" / "tutorial.zh-hans.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each code block."""
    return BLOCK.findall(page.read_text())


def test_both_languages_show_the_same_code_and_link_to_each_other() -> None:
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert CHINESE.name in ENGLISH.read_text()
    assert ENGLISH.name in CHINESE.read_text()


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_every_piece_of_code_stands_in_the_file_that_it_names(project: Path, page: Path) -> None:
    code = [text for language, text in blocks(page) if language in ("python", "js")]
    assert len(code) > 10

    for text in code:
        path, shown = re.fullmatch(r"(?:#|//) (\S+)\n(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        assert shown in (project / path).read_text(), f"{path} has no longer:\n{shown}"


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_every_file_and_every_settings_module_that_is_named_exists(project: Path, page: Path) -> None:
    text = page.read_text()
    settings = re.findall(r"--settings (\S+)", text)
    files = re.findall(r"`((?:webSocket|app01)/[\w./]+)`", text)

    assert settings
    assert files
    for name in [*files, *(f"{module.replace('.', '/')}.py" for module in settings)]:
        assert (project / name).exists(), name
