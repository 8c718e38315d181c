"""A project's Python files as text and syntax, never run; used by rules that must see what does not import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from teahouse.checks.findings import Place


@dataclass(frozen=True, slots=True)
class Source:
    """One file; its tree is empty when its syntax is broken, which importing it will tell."""

    path: Path
    module: str
    tree: ast.Module = field(repr=False)

    def place(self, node: ast.AST) -> Place:
        """Return where a node stands."""
        return Place(self.path, getattr(node, "lineno", 0))

    def top_level(self) -> Iterator[ast.stmt]:
        """Yield the statements that run when the file is imported, those under ``if`` and ``try`` too, in order."""
        yield from _running(self.tree.body)

    def statements(self) -> Iterator[ast.stmt]:
        """Yield every statement, those inside functions and classes too, in order; a file has far more expressions."""
        yield from _all(self.tree.body)

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Yield what is imported when the file is imported, absolute: ``a.b`` and, of ``from a import b``, both."""
        for statement in self.top_level():
            for name in self.names_imported(statement):
                yield statement, name

    def names_imported(self, statement: ast.stmt) -> Iterator[str]:
        """Yield the dotted names that one statement imports, the shortest first."""
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name
        elif isinstance(statement, ast.ImportFrom):
            source = self.absolute(statement)
            yield source
            yield from (f"{source}.{alias.name}" for alias in statement.names if alias.name != "*")

    def absolute(self, statement: ast.ImportFrom) -> str:
        """Return the module that ``from … import`` names, without leading dots."""
        if not statement.level:
            return statement.module or ""
        parts = self.module.split(".")
        package = parts if self.path.name == "__init__.py" else parts[:-1]
        above = package[: len(package) - statement.level + 1]
        return ".".join([*above, *([statement.module] if statement.module else [])])

    def assignments(self, name: str) -> list[ast.stmt]:
        """Return the statements that give ``name`` a value when the file is imported, in order."""
        return [statement for statement in self.top_level() if name in _assigned(statement)]


def read(path: Path, module: str) -> Source | None:
    """Return a file's source, or None when there is no such file."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    # As Python reads it, by its mark or its declaration; what is in another encoding by mistake still shows its code.
    for text in (content, content.decode(errors="replace")):
        try:
            return Source(path, module, ast.parse(text))
        except (SyntaxError, ValueError):
            continue
    return Source(path, module, ast.Module(body=[], type_ignores=[]))


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for such an expression, and an empty text for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls: ``setdefault`` for ``os.environ.setdefault(…)``."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else dotted(function)


def text_of(node: ast.AST | None) -> str | None:
    """Return the value of a text constant, or None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def named_in_environment(source: Source) -> Iterator[tuple[ast.expr | ast.stmt, str, ast.expr]]:
    """Yield what a file puts into ``os.environ``, by ``setdefault`` or ``=``: the place, the name and the value."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called(node) == "setdefault" and len(node.args) > 1:
            key, value = node.args[:2]
        elif isinstance(node, ast.Assign) and _is_of_environment(target := node.targets[0]):
            key, value = target.slice, node.value
        else:
            continue
        if name := text_of(key):
            yield node, name, value


def _is_of_environment(node: ast.expr) -> TypeGuard[ast.Subscript]:
    return isinstance(node, ast.Subscript) and dotted(node.value).endswith("environ")


def _running(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and dotted(statement.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for part in ("body", "orelse", "finalbody"):
                yield from _running(getattr(statement, part, []))
            for handler in getattr(statement, "handlers", []):
                yield from _running(handler.body)


def _all(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for part in ("body", "handlers", "cases", "orelse", "finalbody"):
            for inside in getattr(statement, part, []):
                yield from _all([inside] if isinstance(inside, ast.stmt) else inside.body)


def _assigned(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign):
        return {dotted(target) for target in statement.targets}
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return {dotted(statement.target)}
    return set()
