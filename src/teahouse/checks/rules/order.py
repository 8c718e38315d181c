"""The order inside ``asgi.py``: what imports models comes after Django is set up, and the settings are named before."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import Source, called, text_of

_SET_UP = {"get_asgi_application", "get_default_application"}


@check("E008", looks=Looks.AT_FILES)
def models_come_after_set_up(project: Project) -> Iterator[Finding]:
    """No import above ``get_asgi_application()`` leads to a model, and ``setdefault`` does not stand below it."""
    source = project.asgi_source
    set_up = next(_calls(source, *_SET_UP), None) if source else None
    if source is None or set_up is None:
        return
    for statement, name in source.imports():
        if statement.lineno > set_up.lineno:
            break
        if chain := _way_to_models(project, name, ()):
            yield _import_above(source, statement, chain)
            break
    named = next((call for call in _calls(source, "setdefault") if _names_settings(call)), None)
    if named is not None and named.lineno > set_up.lineno:
        yield Finding(
            "E008",
            f"os.environ.setdefault(…) stands below {called(set_up)}() (line {set_up.lineno}), which needs it.",
            'Under daphne and uvicorn, which know no settings: "ImproperlyConfigured: Requested setting …, but '
            'settings are not configured." Under `manage.py` it works by chance.',
            f"{ast.unparse(named)}\n# and below it\n… {ast.unparse(set_up)} …",
            source.place(named),
        )


def _import_above(source: Source, statement: ast.stmt, chain: tuple[str, ...]) -> Finding:
    return Finding(
        "E008",
        f"{' → '.join([source.module, *chain])} is imported above get_asgi_application().",
        "Models can be imported only when Django is set up, which get_asgi_application() does. `runserver` has done it "
        'before; daphne and uvicorn end with "AppRegistryNotReady: Apps aren\'t loaded yet." or "settings are not '
        'configured".',
        f"django_application = get_asgi_application()\n\n{ast.unparse(statement)}  # noqa: E402",
        source.place(statement),
    )


def _way_to_models(project: Project, name: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modules through which importing ``name`` imports models, itself first; empty when it does not."""
    if _is_models(name):
        return (name,)
    source = project.source(name)
    if source is None or name in seen:
        return ()
    if any(map(_asks_for_user_model, source.top_level())):
        return (name, "get_user_model()")
    for _, inner in source.imports():
        if way := _way_to_models(project, inner, (*seen, name)):
            return (name, *way)
    return ()


def _is_models(name: str) -> bool:
    return name.endswith(".models") and name not in {"django.db.models", "django.contrib.gis.db.models"}


def _asks_for_user_model(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(called(node) == "get_user_model" for node in ast.walk(statement))


def _calls(source: Source | None, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of such functions, by line."""
    found = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)] if source else []
    yield from sorted((call for call in found if called(call) in names), key=lambda call: call.lineno)


def _names_settings(call: ast.Call) -> bool:
    return bool(call.args) and text_of(call.args[0]) == "DJANGO_SETTINGS_MODULE"
