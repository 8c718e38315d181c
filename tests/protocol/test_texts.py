"""Messages, nicknames and room names: what is refused, and how names are made alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.errors import BadName, BadRoomName, BadText, MessageEmpty, MessageTooLong, TeahouseError
from teahouse.protocol.texts import clean_nickname, clean_text, room_address, shown

ANY_TEXT = st.text(st.characters(exclude_categories=()))

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
WELSH_FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


class TestMessages:
    @pytest.mark.parametrize(
        "text", ["hello", " a ", "茶", "a\r\n\tb", "<script>", FAMILY, "\u202eabc", "\x01x", "'--"]
    )
    def test_a_text_stays_as_it_is(self, text: str) -> None:
        assert clean_text(text, 4000) == text

    @pytest.mark.parametrize(
        "text", ["", " ", "\n\t\r", "\u3000", "\u200b", "\ufe0f", "\u200d\u2060", "\u3164", "\x01"]
    )
    def test_a_text_with_nothing_to_see_is_empty(self, text: str) -> None:
        with pytest.raises(MessageEmpty) as refused:
            clean_text(text, 4000)

        assert refused.value.field == "text"

    def test_the_limit_counts_characters_and_not_bytes(self) -> None:
        assert clean_text("\U0001f375" * 10, 10)

        with pytest.raises(MessageTooLong) as refused:
            clean_text("\U0001f375" * 11, 10)

        assert str(refused.value) == 'message has 11 characters, the limit is 10 (TEAHOUSE["MAX_MESSAGE_LENGTH"])'

    @pytest.mark.parametrize("code_point", [0, 0xD800, 0xDBFF, 0xDC00, 0xDFFF])
    def test_what_cannot_be_stored_is_refused_by_its_code_point(self, code_point: int) -> None:
        with pytest.raises(BadText) as refused:
            clean_text("a" + chr(code_point), 4000)

        assert f"U+{code_point:04X} at 1" in str(refused.value)

    def test_the_message_itself_never_stands_in_an_error(self) -> None:
        for text in ("secret" * 10, "secret\0"):
            with pytest.raises(TeahouseError) as refused:
                clean_text(text, 20)

            assert "secret" not in str(refused.value)

    @given(ANY_TEXT)
    def test_every_accepted_text_can_be_stored(self, text: str) -> None:
        try:
            clean_text(text, 4000)
        except TeahouseError:
            return

        assert "\0" not in text
        assert text.encode()
        assert not text.isspace()


class TestNicknames:
    @pytest.mark.parametrize(
        ("name", "clean"),
        [
            ("Ann", "Ann"),
            ("  Ann   of\u3000Tea ", "Ann of Tea"),
            ("Ａｎｎ", "Ann"),
            ("e\u0301", "é"),
            ("小明", "小明"),
            (FAMILY, FAMILY),
            ("<b>Ann</b>", "<b>Ann</b>"),
            ("می\u200cخواهم", "می\u200cخواهم"),
            ("A" * 40, "A" * 40),
        ],
    )
    def test_a_nickname_is_normalised(self, name: str, clean: str) -> None:
        assert clean_nickname(name, 40) == clean

    @pytest.mark.parametrize(
        "name",
        ["", "  ", "\u200d", "A" * 41, "ﷺ" * 3, "A\nB", "A\0", "A\x7f", "A\x85", "\u202eAnn", "An\u200bn", "A\ud800"],
    )
    def test_a_nickname_that_deceives_or_says_nothing_is_refused(self, name: str) -> None:
        with pytest.raises(BadName) as refused:
            clean_nickname(name, 40)

        assert refused.value.field == "name"
        assert str(refused.value).encode()

    def test_a_nickname_that_is_too_long_hears_the_limit(self) -> None:
        for length in (41, 10_000):
            with pytest.raises(BadName) as refused:
                clean_nickname("A" * length, 40)

            text = f'nickname has {length} characters, the limit is 40 (TEAHOUSE["MAX_NICKNAME_LENGTH"])'
            assert str(refused.value) == text

    @given(ANY_TEXT)
    def test_a_clean_nickname_stays_as_it_is(self, name: str) -> None:
        try:
            clean = clean_nickname(name, 40)
        except BadName:
            return

        assert clean_nickname(clean, 40) == clean


class TestRoomNames:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("lobby", "lobby"),
            ("Admin", "admin"),
            ("tea & cake", "tea & cake"),
            ("  Tea \u00a0 Cake ", "tea cake"),
            ("群聊", "群聊"),
            ("Ｌｏｂｂｙ", "lobby"),
            ("Straße", "strasse"),
            ("E\u0301tage", "étage"),
            ("ﬁx", "fix"),
            ("\u0390", "\u0390"),
            ("℡", "tel"),
            ("🍵", "🍵"),
            ("❤️", "❤️"),
            (FAMILY, FAMILY),
            (WELSH_FLAG, WELSH_FLAG),
            ("100%", "100%"),
            ("a?b#c", "a?b#c"),
            ("...", "..."),
            (".hidden", ".hidden"),
            ("<b>Tea", "<b>tea"),
            ("a" * 80, "a" * 80),
            ("각" * 1, "각"),
        ],
    )
    def test_a_name_has_one_address(self, name: str, address: str) -> None:
        assert room_address(name, 80) == address

    @pytest.mark.parametrize(
        ("name", "code_point"),
        [
            ("a/b", "U+002F"),
            ("a／b", "U+002F"),
            ("℀", "U+002F"),
            ("a\\b", "U+005C"),
            ("a\0", "U+0000"),
            ("a\nb", "U+000A"),
            ("a\n", "U+000A"),
            ("a\x7fb", "U+007F"),
            ("a\x85b", "U+0085"),
            ("a\u2028b", "U+2028"),
            ("lob\u200bby", "U+200B"),
            ("\ufffd", "U+FFFD"),
            ("lob\u00adby", "U+00AD"),
            ("\ufefflobby", "U+FEFF"),
            ("\u202eybbol", "U+202E"),
            ("\u2066a", "U+2066"),
            ("a\u3164", "U+1160"),
            ("a\ud83c", "U+D83C"),
        ],
    )
    def test_what_cannot_stand_in_an_address_is_refused_by_its_code_point(self, name: str, code_point: str) -> None:
        with pytest.raises(BadRoomName) as refused:
            room_address(name, 80)

        assert code_point in str(refused.value)
        assert refused.value.field == "room"
        assert str(refused.value).encode()

    @pytest.mark.parametrize("name", ["", " ", "\u3000", "\u200d", "\ufe0f", ".", "..", " .. ", "\u2024", "\u2025"])
    def test_a_name_that_is_none_is_refused(self, name: str) -> None:
        with pytest.raises(BadRoomName, match=r"empty|more than dots"):
            room_address(name, 80)

    @pytest.mark.parametrize("length", [81, 240, 241, 10_000])
    def test_a_name_that_is_too_long_hears_the_limit(self, length: int) -> None:
        with pytest.raises(BadRoomName) as refused:
            room_address("a" * length, 80)

        text = f'room name has {length} characters, the limit is 80 (TEAHOUSE["MAX_ROOM_NAME_LENGTH"])'
        assert str(refused.value) == text

    def test_a_far_too_long_name_is_never_normalised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("teahouse.protocol.texts.normalize", lambda *_: pytest.fail("it was normalised"))

        with pytest.raises(BadRoomName):
            room_address("ﷺ" * 10_000, 80)

    def test_a_name_that_grows_past_the_limit_is_refused(self) -> None:
        with pytest.raises(BadRoomName, match="has 90 characters"):
            room_address("ﷺ" * 5, 80)

    @given(ANY_TEXT)
    def test_the_address_of_an_address_is_itself(self, name: str) -> None:
        try:
            address = room_address(name, 80)
        except BadRoomName:
            return

        assert room_address(address, 80) == address


class TestShownValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("tea", '"tea"'),
            ("群聊", '"群聊"'),
            ("a\nb\0", '"a\\nb\\u0000"'),
            ("a\ud800", '"a?"'),
            (None, "null"),
            (True, "true"),
            (-1, "-1"),
            (float("inf"), "Infinity"),
            ([1, "a"], '[1, "a"]'),
            ({}, "{}"),
            ({1}, '"{1}"'),
            ("a" * 40, '"' + "a" * 40 + '"'),
        ],
    )
    def test_a_value_is_shown_as_json(self, value: object, text: str) -> None:
        assert shown(value) == text

    @pytest.mark.parametrize("value", ["a" * 41, "a" * 100_000, ["a"] * 1000, 10**90])
    def test_a_long_value_is_shortened(self, value: object) -> None:
        assert len(shown(value)) == 41
        assert shown(value).endswith("…")

    @given(ANY_TEXT)
    def test_every_value_is_shown_on_one_line_that_can_be_encoded(self, value: str) -> None:
        assert "\n" not in shown(value)
        assert shown(value).encode()
