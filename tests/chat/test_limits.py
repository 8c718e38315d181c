"""The protocol's limits as the host sets them."""

from typing import Any

from teahouse.chat.limits import limits
from teahouse.protocol.codec import Limits


def test_without_settings_they_are_the_protocols_own() -> None:
    assert limits() == Limits()


def test_each_follows_its_setting(settings: Any) -> None:
    settings.TEAHOUSE = {
        "MAX_FRAME_BYTES": 1,
        "MAX_JSON_DEPTH": 2,
        "MAX_MESSAGE_LENGTH": 3,
        "MAX_ROOM_NAME_LENGTH": 4,
        "MAX_NICKNAME_LENGTH": 5,
    }
    assert limits() == Limits(frame_bytes=1, json_depth=2, message_length=3, room_name_length=4, nickname_length=5)
