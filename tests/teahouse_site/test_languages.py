"""The site's own words, in each language that it offers."""

from pathlib import Path

import polib
import pytest
from django.test import Client

LOCALE = Path(__file__).resolve().parents[2] / "src" / "teahouse_site" / "locale"


@pytest.mark.parametrize("path", sorted(LOCALE.rglob("*.po")), ids=lambda path: path.parts[-3])
def test_every_word_is_translated_and_compiled(path: Path) -> None:
    words = polib.pofile(str(path))
    assert words.percent_translated() == 100
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {word.msgid: word.msgstr for word in compiled} == {word.msgid: word.msgstr for word in words}


@pytest.mark.parametrize(("path", "words"), [("/nowhere/", "没有这个页面"), ("/accounts/login/", "以访客身份继续")])
def test_a_page_of_the_site_speaks_chinese(site: Client, path: str, words: str) -> None:
    assert words in site.get(path, headers={"Accept-Language": "zh-CN"}).content.decode()
