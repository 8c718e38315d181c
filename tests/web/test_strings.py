"""The words that page scripts show: every one that they ask for is there."""

import re
from pathlib import Path

from django.utils import translation

from teahouse.errors import all_errors
from teahouse.web.refusals import FRIENDLY
from teahouse.web.strings import strings

SCRIPTS = Path(__file__).resolve().parents[2] / "src" / "teahouse" / "static" / "teahouse" / "page"
SAID = re.compile(r"""\bsay\(\s*["']([^"']+)["']""")


def test_every_word_that_a_script_says_is_handed_to_it() -> None:
    said = {word for path in SCRIPTS.glob("*.js") for word in SAID.findall(path.read_text())}
    assert said
    assert said <= strings().keys()


def test_the_words_are_in_the_language_of_the_page() -> None:
    with translation.override("zh-hans"):
        chinese = strings()
    assert chinese.keys() == strings().keys()


def test_every_friendly_refusal_belongs_to_an_error() -> None:
    assert FRIENDLY.keys() <= {error.code for error in all_errors()}
