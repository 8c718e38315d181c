"""Keys of REST_FRAMEWORK and TEAHOUSE: whether somebody reads them, and whether their values are of the right kind."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.settings import TeahouseSettings, setting_names

_OPENS_API = {"DEFAULT_AUTHENTICATION_CLASSES", "DEFAULT_PERMISSION_CLASSES"}
# Other packages that keep keys of theirs in there.
_OF_OTHERS = {"JSON_CAMEL_CASE"}
_KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "True or False"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    str: ((str,), "a text"),
}


@check("E015", "W049", looks=Looks.AT_APPS)
def rest_framework_reads_its_keys(project: Project) -> Iterator[Finding]:
    """Every key of REST_FRAMEWORK is one that Django REST framework knows; it says nothing about others."""
    written = getattr(project.settings, "REST_FRAMEWORK", None)
    if not isinstance(written, dict):
        return
    try:
        from rest_framework.settings import DEFAULTS  # most projects do not have it
    except ImportError:
        return
    for key in written:
        if key in DEFAULTS or key in _OF_OTHERS:
            continue
        place = project.place_of("REST_FRAMEWORK", str(key))
        near = _near(key, DEFAULTS)
        if near and _is_misspelt(key, near):
            what = f"REST_FRAMEWORK has {key!r}, which Django REST framework does not know; it is spelt {near!r}."
            yield Finding("E015", what, _why(near), f"{near!r}: {_value(written[key])}".replace("'", '"'), place)
        else:
            yield Finding(
                "W049",
                f"REST_FRAMEWORK has {key!r}, which Django REST framework does not know.",
                "It is ignored in silence, unless another package reads it.",
                f'# take {key!r} out; if another package reads it:\nSILENCED_SYSTEM_CHECKS = ["teahouse.W049"]',
                place,
            )


@check("E016", "E048", looks=Looks.AT_SETTINGS)
def teahouse_reads_its_keys(project: Project) -> Iterator[Finding]:
    """Every key of TEAHOUSE is a setting, and has a value of its kind."""
    written = getattr(project.settings, "TEAHOUSE", {})
    if not isinstance(written, dict):
        what = f"TEAHOUSE is a {type(written).__name__} and no dict."
        why = "\"AttributeError: … object has no attribute 'get'\" ends whatever asks for a setting."
        yield Finding("E048", what, why, 'TEAHOUSE = {"POLICY": "…"}', project.place_of("TEAHOUSE"))
        return
    hints = get_type_hints(TeahouseSettings)
    for key, value in written.items():
        if key not in setting_names():
            near = _near(key, setting_names())
            yield Finding(
                "E016",
                f"TEAHOUSE has {key!r}, which is no setting" + (f"; it is spelt {near!r}." if near else "."),
                "It is ignored: the default rules"
                + (f", {near} = {getattr(TeahouseSettings, near)!r}." if near else "."),
                f'"{near}": {_value(value)}' if near else f"# take {key!r} out; docs/embedding.md has all settings",
                project.place_of("TEAHOUSE", str(key)),
            )
        elif not _is_of_kind(value, hints[key]):
            _, kind = _KINDS[hints[key]]
            yield Finding(
                "E048",
                f'TEAHOUSE["{key}"] is {value!r}, and must be {kind}.',
                'It is not converted: a text such as "off" counts as true, and a number in quotes ends in TypeError.',
                f'"{key}": {getattr(TeahouseSettings, key)!r}  # this is the default',
                project.place_of("TEAHOUSE", key),
            )


def _near(key: Any, names: Iterable[str]) -> str:
    """Return the name that is meant, or an empty text."""
    by_capitals = {name.upper(): name for name in names}
    found = difflib.get_close_matches(str(key).upper(), by_capitals, n=1, cutoff=0.75)
    return by_capitals[found[0]] if found else ""


def _is_misspelt(key: Any, name: str) -> bool:
    """Claim that a key is the name with some letters wrong: ``MAX_PAGE_SIZE`` is another word, not ``PAGE_SIZE``."""
    wrong, right = (text.upper().removeprefix("DEFAULT_").replace("_", "") for text in (str(key), name))
    return difflib.SequenceMatcher(None, wrong, right).ratio() > 0.88


def _why(name: str) -> str:
    why = "It is ignored in silence, and the default rules."
    if name in _OPENS_API:
        why += (
            " By default everybody may do everything (200 without a login), tokens are not read "
            '(403 "Authentication credentials were not provided.") and sessions are (403 "CSRF Failed: …").'
        )
    return why


def _value(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else "…"


def _is_of_kind(value: Any, hint: Any) -> bool:
    kinds, _ = _KINDS.get(hint, ((object,), ""))
    return isinstance(value, kinds) and (bool in kinds or object in kinds or not isinstance(value, bool))
