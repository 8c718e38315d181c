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
    why = "Nobody can enter a room or write: each page is answered 500, each command of a socket by an error."
    if failure is not None:
        what = f'TEAHOUSE["POLICY"] is {path!r}, which cannot be imported: {failure.text}'
        inside = failure.place if failure.place and failure.place.path.is_relative_to(project.folder) else None
        yield Finding("E040", what, why, f'"POLICY": "{_likely(project, str(path))}"', inside or place)
    elif not (inspect.isclass(found) and issubclass(found, _base())):
        kind = f"the class {found.__name__}" if inspect.isclass(found) else f"a {type(found).__name__}"
        what = f'TEAHOUSE["POLICY"] is {path!r}, which is {kind} and no subclass of teahouse.chat.policy.Policy.'
        name = found.__name__ if inspect.isclass(found) else "MyPolicy"
        mend = f"from teahouse.chat.policy import Policy\n\nclass {name}(Policy):"
        yield Finding("E040", what, why, mend, _place_of(found) or place)


@check("W041", looks=Looks.AT_APPS)
def policy_says_something(project: Project) -> Iterator[Finding]:
    """What a policy's methods are named is asked by somebody."""
    found = _policy(project)[0] if apps.is_installed("teahouse") else None
    if not (inspect.isclass(found) and issubclass(found, _base())) or found is _base():
        return
    asked = [name for name in vars(_base()) if name.startswith("can_")]
    own = {
        name: value
        for cls in found.__mro__
        if cls not in _base().__mro__
        for name, value in vars(cls).items()
        if not name.startswith("_")
    }
    nearest = {name: difflib.get_close_matches(name, asked, n=1, cutoff=0.7) for name in own if name not in asked}
    for name, near in nearest.items():
        if near and inspect.isfunction(own[name]):
            yield Finding(
                "W041",
                f"{found.__name__}.{name} is asked by nobody; the method is spelt {near[0]}.",
                f"What it forbids is allowed, as far as the default {near[0]} allows it.",
                f"    {_head(near[0])}",
                _place_of(own[name]),
            )
    if not set(own) & set(dir(_base())) and not any(nearest.values()):
        yield Finding(
            "W041",
            f"{found.__name__} overrides no method of Policy.",
            "It decides nothing: the default rules.",
            f"    {_head('can_post')}\n    # or another of {', '.join(asked)}",
            _place_of(found),
        )


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
