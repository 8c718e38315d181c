"""Every check by what it must look at; rules enter themselves with ``@check``, and the doctor asks for all."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from teahouse.checks import rules
from teahouse.checks.findings import Finding
from teahouse.checks.project import Project


class Looks(IntEnum):
    """What a check looks at. Each needs what stands above it to be in order; it is left out otherwise."""

    AT_FILES = 1
    """Source text, which needs no import and so may be as broken as it likes."""
    AT_SETTINGS = 2
    AT_APPS = 3
    """Installed apps, models and URLs: Django is set up."""
    AT_APPLICATION = 4
    """The ASGI application object."""
    AT_DATABASE = 5
    AT_NETWORK = 6
    """Other servers, such as Redis."""


Rule = Callable[[Project], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with the ids that it may give, and what it looks at."""

    rule: Rule
    ids: tuple[str, ...]
    looks: Looks
    deploy: bool


_checks: list[Check] = []


def check(*ids: str, looks: Looks, deploy: bool = False) -> Callable[[Rule], Rule]:
    """Enter a rule that gives findings of these ids; with ``deploy`` it is asked only for production."""

    def enter(rule: Rule) -> Rule:
        _checks.append(Check(rule, ids, looks, deploy))
        return rule

    return enter


def every_check() -> list[Check]:
    """Return all checks of ``rules/``, those first that look at the least."""
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return sorted(_checks, key=lambda check: (check.looks, check.ids))


def every_id() -> list[str]:
    """Return all ids, by number; for the docs' test."""
    return sorted({name for check in every_check() for name in check.ids}, key=lambda name: (name[1:], name[0]))
