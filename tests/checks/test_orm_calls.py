"""Tests of `teahouse.checks.orm_calls`: which calls wait for the database, told from the text alone."""

import ast

import pytest

from teahouse.checks.orm_calls import blocking_calls


def mends(body: str, blocking: frozenset[str] = frozenset()) -> list[str]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (function,) = ast.parse(f"async def handler(self):\n{lines}\n").body
    assert isinstance(function, ast.AsyncFunctionDef)
    return [call.mend for call in blocking_calls(function, set(blocking))]


@pytest.mark.parametrize(
    ("body", "mend"),
    [
        ("Word.objects.get(pk=1)", "await Word.objects.aget(pk=1)"),
        ("word = Word.objects.filter(a=1).first()", "await Word.objects.filter(a=1).afirst()"),
        ("words = Word.objects.all()\nlist(words)", "[row async for row in words]"),
        ("words = Word.objects.all()\nfor word in words.filter(a=1): pass", "async for word in words.filter(a=1):"),
        ("await Word.objects.get(pk=1)", "await Word.objects.aget(pk=1)"),
        ("word = await Word.objects.aget(pk=1)\nword.save()", "await word.asave()"),
        ("await self.send(str(Word.objects.count()))", "await Word.objects.acount()"),
        ("if Word.objects.filter(a=1).exists(): pass", "await Word.objects.filter(a=1).aexists()"),
    ],
)
def test_what_asks_at_once_is_found_with_its_asynchronous_twin(body: str, mend: str) -> None:
    assert mends(body) == [mend]


@pytest.mark.parametrize(
    "body",
    [
        "await Word.objects.aget(pk=1)",
        "words = Word.objects.filter(a=1)",
        "async for word in Word.objects.all(): pass",
        "[word async for word in Word.objects.all()]",
        "await database_sync_to_async(Word.objects.get)(pk=1)",
        "await sync_to_async(lambda: Word.objects.get(pk=1))()",
        "def inner():\n    return Word.objects.get(pk=1)",
        "{}.get('a')",
        "self.words.count('a')",
        "for word in await words(): pass",
        "word = await Word.objects.aget(pk=1)\nword = Other()\nword.save()",
        "file.delete()",
    ],
)
def test_what_does_not_ask_at_once_is_left_alone(body: str) -> None:
    assert mends(body) == []


def test_a_function_that_asks_is_called_in_a_thread() -> None:
    assert mends("self.word(1)", frozenset({"word"})) == ["await database_sync_to_async(self.word)(1)"]
    assert mends("other.word(1)", frozenset({"word"})) == []
    assert mends("await database_sync_to_async(self.word)(1)", frozenset({"word"})) == []
