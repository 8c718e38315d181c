"""Tests of `teahouse.checks.sources`: what a file imports and assigns, read and never run."""

import ast
from pathlib import Path

import pytest

from teahouse.checks.sources import Source, called, dotted, read, text_of


def source(text: str, module: str = "web.asgi", path: str = "web/asgi.py") -> Source:
    return Source(Path(path), module, ast.parse(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b", ["a.b"]),
        ("from a import b", ["a", "a.b"]),
        ("from . import routing", ["web", "web.routing"]),
        ("from .routing import patterns", ["web.routing", "web.routing.patterns"]),
        ("from a import *", ["a"]),
        ("if True:\n    import a", ["a"]),
        ("try:\n    import a\nexcept ImportError:\n    import b", ["a", "b"]),
        ("if TYPE_CHECKING:\n    import a", []),
        ("def inner():\n    import a", []),
    ],
)
def test_the_imports_of_a_file_are_those_that_run_with_it(text: str, names: list[str]) -> None:
    assert [name for _, name in source(text).imports()] == names


def test_its_statements_are_all_of_them_in_order_and_no_expressions() -> None:
    text = """\
class A:
    def f(self):
        try:
            with a: b
        except E:
            c
        else:
            d
        finally:
            e
match f:
    case 1: g
    case _: h
async def i():
    async for j in k: l
"""
    tree = ast.parse(text)
    walked = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    found = list(Source(Path("a.py"), "a", tree).statements())
    assert found == sorted(walked, key=lambda node: (node.lineno, node.col_offset))
    assert [found[0].lineno, found[-1].lineno] == [1, 15]


def test_a_package_is_its_own_parent() -> None:
    package = source("from .routing import x", module="web", path="web/__init__.py")
    assert [name for _, name in package.imports()] == ["web.routing", "web.routing.x"]


def test_assignments_are_found_in_their_order_and_in_branches() -> None:
    text = "A = 1\nif A:\n    A = 2\nA += 3\nA: int = 4\nB = 5\ndef f():\n    A = 6\n"
    assert [statement.lineno for statement in source(text).assignments("A")] == [1, 3, 4, 5]


def test_a_broken_file_is_an_empty_one(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("A = = 1")
    found = read(broken, "broken")
    assert found is not None
    assert list(found.top_level()) == []
    assert read(tmp_path / "nowhere.py", "nowhere") is None


@pytest.mark.parametrize(("text", "name"), [("a.b.c", "a.b.c"), ("a", "a"), ("a().b", ""), ("1", "")])
def test_a_dotted_name_is_one_and_nothing_else_is(text: str, name: str) -> None:
    assert dotted(ast.parse(text, mode="eval").body) == name


def test_a_call_is_known_by_its_last_name() -> None:
    assert called(ast.parse("os.environ.setdefault('A', 'b')", mode="eval").body) == "setdefault"
    assert called(ast.parse("path('a')", mode="eval").body) == "path"
    assert called(ast.parse("path", mode="eval").body) == ""


def test_only_a_text_is_a_text() -> None:
    assert text_of(ast.Constant("a")) == "a"
    assert text_of(ast.Constant(1)) is None
    assert text_of(None) is None
