"""The order inside ``asgi.py``: what imports models comes after Django is set up, and the settings are named before."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import Source, called, dotted, named_in_environment

_SET_UP = ("get_asgi_application", "get_default_application")


@check("E008", looks=Looks.AT_FILES)
def models_come_after_set_up(project: Project) -> Iterator[Finding]:
    """No import above ``get_asgi_application()`` leads to a model, and ``setdefault`` does not stand below it."""
    source = _begun_by_servers(project)
    set_up = next(_set_ups(source), None) if source else None
    if source is None or set_up is None:
        return
    for statement, name in source.imports():
        if statement.lineno > set_up.lineno:
            break
        if chain := _way_to_models(project, name, ()):
            yield _import_above(source, statement, set_up, chain)
            break
    named = next(iter(_settings_named(source)), None)
    if named is not None and named.lineno > set_up.lineno:
        yield Finding(
            "E008",
            f"DJANGO_SETTINGS_MODULE is set below {ast.unparse(set_up.func)}() (line {set_up.lineno}), which needs it.",
            'Under daphne and uvicorn, which know no settings: "ImproperlyConfigured: Requested setting …, but '
            'settings are not configured." Under `manage.py` it works by chance.',
            f"{ast.unparse(named)}\n# and below it\n… {ast.unparse(set_up)} …",
            source.place(named),
        )


def _begun_by_servers(project: Project) -> Source | None:
    """Return the file that a server is started with: the one of the application, or an ``asgi.py`` that leads to it.

    Who keeps the router in another module (``routing.py``) sets Django up in ``asgi.py``, and imports it from there.
    """
    source, beside = project.asgi_source, project.asgi_beside_settings
    led_to = source is not None and beside is not None and not _settings_named(source)
    return beside if led_to and beside is not None and _settings_named(beside) else source


def _import_above(source: Source, statement: ast.stmt, set_up: ast.Call, chain: tuple[str, ...]) -> Finding:
    name = f"{ast.unparse(set_up.func)}()"
    line = name if name == "django.setup()" else f"django_application = {name}"
    return Finding(
        "E008",
        f"{' → '.join([source.module, *chain])} is imported above {name}.",
        f"Models can be imported only when Django is set up, which {name} does. `runserver` has done it "
        'before; daphne and uvicorn end with "AppRegistryNotReady: Apps aren\'t loaded yet." or "settings are not '
        'configured".',
        f"{line}\n\n{ast.unparse(statement)}  # noqa: E402",
        source.place(statement),
    )


def _way_to_models(project: Project, name: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modules through which importing ``name`` imports models, itself first; empty when it does not."""
    source = project.source(name)
    if name.endswith(".models") and _of_django(project, name, source):
        return (name,)
    if source is None or name in seen:
        return ()
    if any(map(_asks_for_user_model, source.top_level())):
        return (name, "get_user_model()")
    for _, inner in source.imports():
        if way := _way_to_models(project, inner, (*seen, name)):
            return (name, *way)
    return ()


def _of_django(project: Project, name: str, source: Source | None) -> bool:
    """Claim that a module called ``models`` holds models of a database: others keep neural networks in one."""
    if source is not None:
        return any(imported.startswith("django.") for _, imported in source.imports())
    app = name.removesuffix(".models")
    return (app.startswith("django.contrib.") and not app.endswith(".gis.db")) or project.installed(app)


def _asks_for_user_model(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(called(node) == "get_user_model" for node in ast.walk(statement))


def _set_ups(source: Source) -> Iterator[ast.Call]:
    """Yield the calls that set Django up, by line."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: call.lineno):
        if called(call) in _SET_UP or dotted(call.func) in {"django.setup", "setup"}:
            yield call


def _settings_named(source: Source) -> list[ast.expr | ast.stmt]:
    """Return the lines that name the settings, in order."""
    return [node for node, name, _ in named_in_environment(source) if name == "DJANGO_SETTINGS_MODULE"]
