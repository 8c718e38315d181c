"""Finds calls that ask the database and wait for it, in the text of async functions; used by the rule about those."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from teahouse.checks.consumer_classes import Function
from teahouse.checks.sources import Source, called, dotted

# Methods of a queryset that ask at once; each has a twin with an `a` before it.
_ASKS = {
    "get", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "count", "in_bulk",
    "latest", "earliest", "first", "last", "aggregate", "exists", "contains", "delete", "update", "explain",
}  # fmt: skip
# What such a method returns is no queryset any more.
_ENDS = _ASKS | {f"a{name}" for name in _ASKS}
_OF_OBJECTS = {"save", "delete", "refresh_from_db"}
_CONSUMES = {"list", "tuple", "set", "dict", "len", "bool", "sorted", "sum", "any", "all", "min", "max"}
_STAYS = {"staticmethod", "classmethod"}


@dataclass(frozen=True, slots=True)
class BlockingCall:
    """A node that waits for the database, and what to write instead."""

    node: ast.expr
    mend: str


def blocking_calls(function: Function, blocking: set[str] = frozenset()) -> list[BlockingCall]:  # type: ignore[assignment]
    """Return what in a function asks the database at once, in order; ``blocking`` names functions that do so too."""
    found = _Finder(blocking)
    for statement in function.body:
        found.visit(statement)
    return found.calls


def functions_that_block(source: Source, inside: ast.ClassDef) -> set[str]:
    """Return the plain functions of a module and methods of a class that ask the database on their caller's thread."""
    body = [*source.tree.body, *inside.body]
    again = {dotted(target) for node in body if isinstance(node, ast.Assign) for target in node.targets}
    plain = [node for node in body if isinstance(node, ast.FunctionDef) and node.name not in again]
    return {node.name for node in plain if not _may_go_to_a_thread(node) and blocking_calls(node)}


def _may_go_to_a_thread(function: ast.FunctionDef) -> bool:
    """Claim that a decorator may send it there: ``database_sync_to_async``, under whatever name it was imported."""
    return any(dotted(decorator) not in _STAYS for decorator in function.decorator_list)


class _Finder(ast.NodeVisitor):
    """Goes through a body, and knows which names hold querysets and which hold objects."""

    def __init__(self, blocking: set[str]) -> None:
        self.calls: list[BlockingCall] = []
        self.blocking = blocking
        self.querysets: set[str] = set()
        self.objects: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave out what is written here and runs elsewhere."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Leave it out, likewise."""

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Leave it out, likewise."""

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember what the names hold."""
        self.generic_visit(node)
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        self.querysets -= names
        self.objects -= names
        if self._is_queryset(value):
            self.querysets |= names
        elif self._asks(value, awaited=isinstance(node.value, ast.Await)):
            self.objects |= names

    def visit_For(self, node: ast.For) -> None:
        """Going through a queryset asks."""
        if self._is_queryset(node.iter):
            mend = f"async for {ast.unparse(node.target)} in {ast.unparse(node.iter)}:"
            self.calls.append(BlockingCall(node.iter, mend))
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Going through a queryset asks, here too."""
        if self._is_queryset(node.iter) and not node.is_async:
            mend = f"async for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
            self.calls.append(BlockingCall(node.iter, mend))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Judge a call, then what is inside it."""
        name = called(node)
        on_object = isinstance(node.func, ast.Attribute) and dotted(node.func.value) in self.objects
        if self._asks(node) or (on_object and name in _OF_OBJECTS):
            self.calls.append(BlockingCall(node, f"await {_with_a(node)}"))
        elif name in _CONSUMES and any(map(self._is_queryset, node.args)):
            mend = f"[row async for row in {ast.unparse(node.args[0])}]"
            self.calls.append(BlockingCall(node, mend))
        elif name in self.blocking and dotted(node.func) in {name, f"self.{name}"}:
            arguments = ", ".join(ast.unparse(argument) for argument in [*node.args, *node.keywords])
            mend = f"await database_sync_to_async({ast.unparse(node.func)})({arguments})"
            self.calls.append(BlockingCall(node, mend))
        self.generic_visit(node)

    def _asks(self, node: ast.expr, *, awaited: bool = False) -> bool:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return False
        return node.func.attr in (_ENDS if awaited else _ASKS) and self._is_queryset(node.func.value)

    def _is_queryset(self, node: ast.expr) -> bool:
        """Claim that an expression is a manager, or a queryset made from one."""
        for part in _chain(node):
            if isinstance(part, ast.Attribute) and part.attr == "objects":
                return True
            if isinstance(part, ast.Name) and part.id in self.querysets:
                return True
            if isinstance(part, ast.Call) and called(part) in _ENDS:
                return False
        return False


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """Yield ``a.b(…).c``, ``a.b(…)``, ``a.b``, ``a``."""
    while True:
        yield node
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return


def _with_a(call: ast.Call) -> str:
    """Return the call by the name of its asynchronous twin."""
    assert isinstance(call.func, ast.Attribute)
    arguments = ", ".join(ast.unparse(argument) for argument in [*call.args, *call.keywords])
    name = {"refresh_from_db": "arefresh_from_db"}.get(call.func.attr, f"a{call.func.attr}")
    return f"{ast.unparse(call.func.value)}.{name}({arguments})"
