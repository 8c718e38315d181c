"""Translations: none missing, each compiled as it stands; and the script that says so can find fault."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import polib

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "messages"
loader = SourceFileLoader("messages", str(SCRIPT))
messages: Any = module_from_spec(spec_from_loader(loader.name, loader))  # type: ignore[arg-type]
loader.exec_module(messages)


def catalogue(folder: Path, **translations: str) -> Path:
    path = folder / "django.po"
    file = polib.POFile()
    file.extend(polib.POEntry(msgid=text, msgstr=translation) for text, translation in translations.items())
    file.save(str(path))
    file.save_as_mofile(str(path.with_suffix(".mo")))
    return path


def test_every_word_is_translated_and_compiled() -> None:
    checked = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "All words are translated.\n"), checked.stdout + checked.stderr


def test_words_in_code_and_in_templates_are_found() -> None:
    source = 'from x import gettext as _\nSAID = [_("tea"), other("no"), _("two " "parts")]'
    template = (
        '{% load i18n %}{% translate "cup" %}{% firstof x _("pot") %}'
        "{% blocktranslate %}{{ n }} %{% endblocktranslate %}"
    )
    assert list(messages.in_python(source)) == ["tea", "two parts"]
    assert list(messages.in_template(template)) == ["cup", "pot", "%(n)s %%"]


def test_a_whole_catalogue_has_no_problems(tmp_path: Path) -> None:
    assert list(messages.problems_of(catalogue(tmp_path, tea="茶"), {"tea": ""})) == []


def test_new_gone_and_empty_words_are_problems(tmp_path: Path) -> None:
    problems = sorted(messages.problems_of(catalogue(tmp_path, old="旧", empty=""), {"new": "", "empty": ""}))
    assert [problem.split(";")[0] for problem in problems] == ["gone: 'old'", "new: 'new'", "not translated: 'empty'"]


def test_a_translation_that_lost_a_placeholder_is_a_problem(tmp_path: Path) -> None:
    text = "%(count)s cups"
    (problem,) = messages.problems_of(catalogue(tmp_path, **{text: "几杯"}), {text: ""})
    assert "placeholders" in problem


def test_a_catalogue_that_was_changed_and_not_compiled_is_a_problem(tmp_path: Path) -> None:
    path = catalogue(tmp_path, tea="茶")
    path.write_text(path.read_text(encoding="utf-8").replace("茶", "茶水"), encoding="utf-8")
    (problem,) = messages.problems_of(path, {"tea": ""})
    assert "not compiled" in problem
