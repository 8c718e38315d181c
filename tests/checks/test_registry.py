"""Tests of `teahouse.checks.registry`: every check has its ids, and gives no others."""

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

from teahouse.checks import rules
from teahouse.checks.registry import every_check, every_id

FOLDER = Path(str(rules.__file__)).parent
ID = re.compile(r"[EW]\d{3}")


def given(file: Path) -> set[str]:
    """The ids that findings of a file carry."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
        if node.args and isinstance(node.args[0], ast.Constant)
    }


def entered(file: Path) -> set[str]:
    """The ids that a file's checks are entered with."""
    module = f"{rules.__name__}.{file.stem}"
    return {name for check in every_check() if check.rule.__module__ == module for name in check.ids}


def test_a_file_gives_the_ids_that_its_checks_are_entered_with() -> None:
    files = [file for file in FOLDER.glob("*.py") if file.stem != "__init__"]
    assert {file.stem: given(file) for file in files} == {file.stem: entered(file) for file in files}


def test_an_id_belongs_to_one_check_and_one_meaning() -> None:
    twice = [
        name for name, times in Counter(name for check in every_check() for name in check.ids).items() if times > 1
    ]
    assert twice == []
    numbers = [name[1:] for name in every_id()]
    assert len(set(numbers)) == len(numbers)


def test_an_id_is_a_letter_and_three_digits() -> None:
    assert all(ID.fullmatch(name) for name in every_id())
    assert {"E001", "W010", "E034"} <= set(every_id())


def test_every_check_says_what_is_right() -> None:
    assert [check.rule.__name__ for check in every_check() if not inspect.getdoc(check.rule)] == []


def test_checks_that_look_at_less_come_first() -> None:
    looks = [check.looks for check in every_check()]
    assert looks == sorted(looks)
