"""Holds the shape of the code: who may import whom, how long a module or function may be, what a file may be called."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"
STATIC = SRC / "teahouse" / "static" / "teahouse"

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "base", "manager", "managers", "service", "services", "core"}

# From below to above. A part may import itself and all parts below its own row, and nothing else of ours.
ROWS = [
    {"errors"},
    {"protocol", "settings", "rates"},
    {"models", "addresses"},
    {"chat"},
    {"live", "origins"},
    {
        "consumers",
        "handshakes",
        "routing",
        "server",
        "api",
        "web",
        "urls",
        "checks",
        "admin",
        "management",
        "templatetags",
    },
]
BELOW = {part: set().union(*ROWS[:row]) for row, parts in enumerate(ROWS) for part in parts}
# `protocol` knows no Django, and so not the settings either, which stand beside it. Edges know each other only here.
# A template tag is the page's edge too: it only stands where Django looks for tags.
ALSO = {
    "routing": {"consumers", "checks"},
    "management": {"checks"},
    "consumers": {"handshakes"},
    "urls": {"web", "api"},
    "templatetags": {"web"},
}
# Django's own places in an app: made for it, and open to every part.
DJANGO_PLACES = {"apps", "migrations", "signals"}
# The public face: for hosts, and never for our own code.
FACE = {"", "testing"}

# Whatever knows the time, waits, or differs from run to run.
UNSAID_IN_PROTOCOL = {"asyncio", "datetime", "os", "random", "secrets", "socket", "threading", "time", "uuid"}
PROTOCOL_MAY_IMPORT = (sys.stdlib_module_names - UNSAID_IN_PROTOCOL) | {"msgspec", "teahouse"}


@dataclass(frozen=True)
class Import:
    """One import statement: the module that has it, what it names, and where it stands."""

    path: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(SRC)}:{self.line} imports {self.target}"


def modules(package: str) -> list[Path]:
    return sorted((SRC / package).rglob("*.py"))


def part_of(path: Path) -> str:
    """The part of src/teahouse that a module belongs to: `chat` for chat/log.py, `` for __init__.py."""
    return path.relative_to(SRC / "teahouse").with_suffix("").parts[0].replace("__init__", "")


def imports(path: Path) -> Iterator[Import]:
    package = list(path.relative_to(SRC).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            # `from teahouse import chat` names a part; `from teahouse.chat import rooms` already has.
            names = [f"{source}.{alias.name}" for alias in node.names] if source == "teahouse" else [source]
            yield from (Import(path, node.lineno, name) for name in names)


def part_named(target: str) -> str | None:
    """The part of src/teahouse that an import names; None when it is not ours."""
    top, _, rest = target.partition(".")
    if top != "teahouse":
        return None
    first = rest.partition(".")[0]
    return first if first in BELOW.keys() | DJANGO_PLACES | FACE else ""


def may_import(importer: str, imported: str) -> bool:
    if importer in FACE | DJANGO_PLACES or imported in {importer} | DJANGO_PLACES:
        return True
    return imported in BELOW.get(importer, set()) | ALSO.get(importer, set())


def test_every_part_of_the_package_has_its_row() -> None:
    unknown = {part_of(path) for path in modules("teahouse")} - BELOW.keys() - DJANGO_PLACES - FACE
    assert not unknown, f"say in ROWS what they may import: {unknown}"


def test_a_part_imports_only_what_stands_below_it() -> None:
    wrong = [
        str(found)
        for path in modules("teahouse")
        for found in imports(path)
        if (imported := part_named(found.target)) is not None and not may_import(part_of(path), imported)
    ]
    assert not wrong


def test_teahouse_knows_nothing_of_the_ready_site() -> None:
    wrong = [str(found) for path in modules("teahouse") for found in imports(path) if "teahouse_site" in found.target]
    assert not wrong


def test_the_protocol_knows_no_django_no_asyncio_and_no_clock() -> None:
    wrong = [
        str(found)
        for path in modules("teahouse/protocol")
        for found in imports(path)
        if found.target.partition(".")[0] not in PROTOCOL_MAY_IMPORT
    ]
    assert not wrong


def test_only_chat_writes_tables() -> None:
    """Outside chat no model is imported by name but for types: rows are asked for through chat."""
    writing = re.compile(r"\.(bulk_create|bulk_update|get_or_create|update_or_create)\(|\.objects\.create\(")
    allowed = {"chat", "migrations", "admin"}
    wrong = [
        str(path.relative_to(SRC))
        for path in modules("teahouse")
        if part_of(path) not in allowed and writing.search(path.read_text())
    ]
    assert not wrong


def test_an_import_inside_a_function_says_why() -> None:
    wrong = [
        f"{path.relative_to(SRC)}:{line}"
        for package in ("teahouse", "teahouse_site")
        for path in modules(package)
        for line in unexplained_inner_imports(path.read_text())
    ]
    assert not wrong, f"move them to the top, or say in a comment what forces them: {wrong}"


def unexplained_inner_imports(source: str) -> list[int]:
    lines = source.splitlines()
    inner = {
        node.lineno
        for function in functions(source)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    explained: set[int] = set()
    for number in sorted(inner):
        above = number - 1
        while not lines[above - 1].strip():
            above -= 1
        # A comment over a block of imports speaks for all of them.
        if "#" in lines[number - 1] or lines[above - 1].strip().startswith("#") or above in explained:
            explained.add(number)
    return sorted(inner - explained)


def functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(source)
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_module_is_too_long() -> None:
    paths = [*SRC.rglob("*.py"), *SRC.rglob("*.js")]
    long = {str(path.relative_to(SRC)): len(path.read_text().splitlines()) for path in paths if not made(path)}
    assert not {name: lines for name, lines in long.items() if lines > MAX_MODULE_LINES}


def made(path: Path) -> bool:
    """Whether Django wrote it, at whatever length."""
    return "migrations" in path.parts


def test_no_function_is_too_long() -> None:
    long = {
        f"{path.relative_to(SRC)}:{function.name}": length
        for path in SRC.rglob("*.py")
        for function in functions(path.read_text())
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long


def test_a_file_is_named_for_an_idea() -> None:
    paths = [*SRC.rglob("*.py"), *SRC.rglob("*.js")]
    wrong = [
        str(path.relative_to(SRC)) for path in paths if FORBIDDEN_NAMES & {*path.relative_to(SRC).parts[:-1], path.stem}
    ]
    assert not wrong


def test_a_module_begins_with_what_it_owns() -> None:
    silent = [
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if not made(path) and path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent, "the first line says what the module owns and who uses it"


JAVASCRIPT_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")


def javascript(folder: str) -> list[Path]:
    return sorted((STATIC / folder).rglob("*.js"))


def javascript_imports_outside(importer: str, *allowed: str) -> list[str]:
    """Imports in the folder `importer` that are not a relative path into one of the `allowed` folders."""
    return [
        f"{path.relative_to(STATIC)} imports {target}"
        for path in javascript(importer)
        for target in JAVASCRIPT_IMPORT.findall(path.read_text())
        if not target.startswith(".")
        or not any((path.parent / target).resolve().is_relative_to(STATIC / folder) for folder in allowed)
    ]


def test_the_client_library_imports_only_itself() -> None:
    assert not javascript_imports_outside("client", "client")


def test_the_client_library_never_mentions_the_document() -> None:
    assert not [path.name for path in javascript("client") if re.search(r"\bdocument\b", path.read_text())]


def test_the_page_imports_only_itself_and_the_client_library() -> None:
    assert not javascript_imports_outside("page", "page", "client")
