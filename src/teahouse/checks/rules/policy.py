"""TEAHOUSE["POLICY"]: whether it can be loaded, is a policy, and says something."""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

from teahouse.checks.findings import Finding, Place
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import dotted, read
from teahouse.settings import settings


@check("E040", looks=Looks.AT_APPS)
def policy_loads(project: Project) -> Iterator[Finding]:
    """The setting names a class that can be imported and is a Policy."""
    if not apps.is_installed("teahouse"):
        return
    found, failure = _policy(project)
    path, place = settings.POLICY, project.place_of("TEAHOUSE", "POLICY")
    if failure is not None:
        why = "Nobody can enter a room: each page is answered 500, each command of a socket by an error."
        what = f'TEAHOUSE["POLICY"] is {path!r}, which cannot be imported: {failure.text}'
        inside = failure.place if failure.place and failure.place.path.is_relative_to(project.folder) else None
        yield Finding("E040", what, why, f'"POLICY": "{_likely(project, str(path))}"', inside or place)
    elif not (inspect.isclass(found) and issubclass(found, _base())):
        kind = f"the class {found.__name__}" if inspect.isclass(found) else f"a {type(found).__name__}"
        what = f'TEAHOUSE["POLICY"] is {path!r}, which is {kind} and no subclass of teahouse.chat.policy.Policy.'
        name = found.__name__ if inspect.isclass(found) else "MyPolicy"
        why = 'Nobody can enter a room: each method that is not there "counts as no", and the log says so each time.'
        mend = f"from teahouse.chat.policy import Policy\n\nclass {name}(Policy):"
        yield Finding("E040", what, why, mend, _place_of(found) or place)


@check("W041", looks=Looks.AT_APPS)
def policy_says_something(project: Project) -> Iterator[Finding]:
    """What a policy's methods are named is asked by somebody."""
    found = _own_policy(project)
    own = _methods(found) if found else {}
    nearest = {name: difflib.get_close_matches(name, _asked(), n=1, cutoff=0.7) for name in own}
    strange = {name: near[0] for name, near in nearest.items() if near and name not in dir(_base())}
    for name, near in strange.items():
        yield Finding(
            "W041",
            f"{found.__name__}.{name} is asked by nobody; the method is spelt {near}.",
            f"What it forbids is allowed, as far as the default {near} allows it.",
            f"    {_head(near)}",
            _place_of(own[name]),
        )
    if found and not strange and not set(own) & set(dir(_base())):
        yield Finding(
            "W041",
            f"{found.__name__} overrides no method of Policy.",
            "It decides nothing: the default rules.",
            f"    {_head('can_post')}\n    # or another of {', '.join(_asked())}",
            _place_of(found),
        )


@check("E061", looks=Looks.AT_APPS)
def policy_can_be_asked(project: Project) -> Iterator[Finding]:
    """A policy's methods take what they are asked with, and answer at once."""
    found = _own_policy(project)
    for name, method in (_methods(found) if found else {}).items():
        if name not in _asked() or isinstance(method, staticmethod | classmethod):
            continue
        signature = inspect.signature(method)
        _, misfit = attempt(lambda asked=signature: asked.bind("self", "person", "room"), project.folder)  # type: ignore[misc]
        if inspect.iscoroutinefunction(method):
            what = f"{found.__name__}.{name} is async, and is asked in a thread."
            why = "A coroutine is no answer, which counts as no: nothing is allowed, and the log says so each time."
        elif misfit is not None:
            what = f"{found.__name__}.{name} takes {signature}, and is asked with (person, room)."
            why = f'"TypeError: {misfit.error}" counts as no: nothing is allowed, and the log says so each time.'
        else:
            continue
        yield Finding("E061", what, why, f"    {_head(name)}", _place_of(method))


def _own_policy(project: Project) -> Any:
    """Return the host's class, or None when it is not there or is the default."""
    found = _policy(project)[0] if apps.is_installed("teahouse") else None
    return found if inspect.isclass(found) and issubclass(found, _base()) and found is not _base() else None


def _methods(policy: type) -> dict[str, Any]:
    """Return what a policy's classes define for themselves, the nearest last."""
    own = [cls for cls in reversed(policy.__mro__) if cls not in _base().__mro__]
    return {
        name: value
        for cls in own
        for name, value in vars(cls).items()
        if inspect.isroutine(value) and not name.startswith("_")
    }


def _asked() -> list[str]:
    return [name for name in vars(_base()) if name.startswith("can_")]


def _base() -> type[Any]:
    from teahouse.chat.policy import Policy  # it imports models, which are there when apps are loaded

    return Policy


def _policy(project: Project) -> tuple[Any, Any]:
    return attempt(lambda: import_string(settings.POLICY), project.folder)


def _head(method: str) -> str:
    """Return the first line of a method of Policy, as one writes it."""
    return f"def {method}{inspect.signature(getattr(_base(), method))}:".replace("'", "")


def _place_of(found: Any) -> Place | None:
    """Return where a class or a function is written."""
    try:
        return Place(Path(inspect.getsourcefile(found) or ""), inspect.getsourcelines(found)[1])
    except (OSError, TypeError):
        return None


def _likely(project: Project, path: str) -> str:
    """Return the path of a policy that the project has, the nearest by name."""
    found = [
        f"{'.'.join(file.relative_to(project.folder).with_suffix('').parts)}.{node.name}"
        for file in project.files("polic*.py")
        if (source := read(file, ""))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Policy") for base in node.bases)
    ]
    return next(iter(difflib.get_close_matches(path, found, n=1, cutoff=0)), "app.policy.MyPolicy")
