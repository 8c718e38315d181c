"""The two pages of symptoms: both have every check, show the same, and quote only what a test has seen."""

import ast
import re
from pathlib import Path

import pytest

from teahouse.checks.registry import every_check, every_id

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "docs/troubleshooting.md").read_text()
CHINESE = (ROOT / "docs/troubleshooting.zh-hans.md").read_text()
BOTH = pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["english", "chinese"])
ID = re.compile(r"\b[EW]0\d\d\b")


def symptoms(page: str) -> list[str]:
    """The exact texts, in their order."""
    return re.findall(r"^### `(.+)`$", page, re.MULTILINE)


def rows(page: str) -> dict[str, str]:
    """The table of all checks: when each is asked, by its id."""
    return dict(re.findall(r"^\| `teahouse\.([EW]\d{3})` \| .+ \| (.+) \|$", page, re.MULTILINE))


def seen_by_tests() -> list[str]:
    """Every text that some test expects."""
    trees = [ast.parse(file.read_text()) for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__)]
    expected = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    expecting = {"raises", "parametrize", "to_contain_text", "to_have_text"}
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in expecting]
    inside = [part for node in [*expected, *called] for part in ast.walk(node) if isinstance(part, ast.Constant)]
    # A pattern that is to match has its points behind a backslash.
    return [part.value.replace("\\.", ".") for part in inside if isinstance(part.value, str)]


@BOTH
def test_a_page_has_each_check_in_its_table_once_and_in_order(page: str) -> None:
    assert list(rows(page)) == every_id()


@BOTH
def test_a_page_says_which_checks_are_for_production(page: str) -> None:
    deploy = {name for check in every_check() if check.deploy for name in check.ids}
    told = {word: {name for name, asked in rows(page).items() if asked == word} for word in set(rows(page).values())}

    assert len(told) == 2
    assert deploy in told.values()


@BOTH
def test_a_page_tells_of_each_check_by_its_symptom(page: str) -> None:
    before_the_table = page.rpartition("\n## ")[0]

    assert set(ID.findall(before_the_table)) == set(every_id())


@BOTH
def test_every_exact_text_was_seen_by_a_test(page: str) -> None:
    seen = seen_by_tests()

    assert [text for text in symptoms(page) if not any(text in expected for expected in seen)] == []


def test_both_languages_have_the_same_symptoms_code_and_ids() -> None:
    assert len(symptoms(ENGLISH)) > 40
    assert symptoms(ENGLISH) == symptoms(CHINESE)
    code = re.compile(r"```\w+\n.*?```", re.DOTALL)
    assert code.findall(ENGLISH) == code.findall(CHINESE)
    per_symptom = [[ID.findall(part) for part in page.split("\n### ")] for page in (ENGLISH, CHINESE)]
    assert [list(map(sorted, ids)) for ids in per_symptom[:1]] == [list(map(sorted, ids)) for ids in per_symptom[1:]]


@BOTH
def test_every_link_inside_a_page_leads_to_a_heading(page: str) -> None:
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors


def test_the_pages_lead_to_each_other() -> None:
    assert "(troubleshooting.zh-hans.md)" in ENGLISH
    assert "(troubleshooting.md)" in CHINESE
