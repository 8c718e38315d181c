"""What consumers do that costs them their clean-up, their database or their layer."""

import pytest

from tests.doctor.workshop import OWN_PAGE, Project

CONNECT = "    async def connect(self):\n"
ACOUNT = "await Word.objects.acount()"

# The tutorial's shape: each override loses what Channels' own handler does. `groups` is joined there, for one.
OVERRIDING = """\
from channels.generic.websocket import WebsocketConsumer
from channels.exceptions import StopConsumer
from asgiref.sync import async_to_sync


class TalkConsumer(WebsocketConsumer):
    groups = ["talk"]

    def websocket_connect(self, message):
        self.accept()

    def websocket_receive(self, message):
        async_to_sync(self.channel_layer.group_send)("talk", {"type": "talk.said", "text": message["text"]})

    def websocket_disconnect(self, message):
        raise StopConsumer()

    def talk_said(self, event):
        self.send(event["text"])
"""
OVERRIDING_NOTHING = """\
from channels.generic.websocket import WebsocketConsumer
from asgiref.sync import async_to_sync


class TalkConsumer(WebsocketConsumer):
    groups = ["talk"]

    def connect(self):
        self.accept()

    def receive(self, text_data=None, bytes_data=None):
        async_to_sync(self.channel_layer.group_send)("talk", {"type": "talk.said", "text": text_data})

    def disconnect(self, code):
        pass

    def talk_said(self, event):
        self.send(event["text"])
"""


def test_overriding_channels_own_handlers_leaves_groups_unjoined(channels_project: Project) -> None:
    channels_project.write("talk/consumers.py", OVERRIDING)
    said = channels_project.handshake("/ws/tea/", OWN_PAGE, "anybody here?")
    assert "websocket.accept" in said
    assert "anybody here?" not in said

    report = channels_project.doctor()

    assert report.ids == ["E024", "E024", "E024"]
    for name in ("websocket_connect", "websocket_receive", "websocket_disconnect"):
        assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', name)}\n" in report.text
    for mend in (
        "def connect(self):",
        "def receive(self, text_data=None, bytes_data=None):",
        "def disconnect(self, code):",
    ):
        assert f"      {mend}" in report.text
    assert "without raise StopConsumer()" in report.text
    channels_project.write("talk/consumers.py", OVERRIDING_NOTHING)
    assert "anybody here?" in channels_project.handshake("/ws/tea/", OWN_PAGE, "anybody here?")
    assert channels_project.doctor().ids == []


@pytest.mark.parametrize(
    ("right", "wrong", "mend"),
    [
        (ACOUNT, "Word.objects.filter().count()", "await Word.objects.filter().acount()"),
        (ACOUNT, "len(Word.objects.all())", "[row async for row in Word.objects.all()]"),
        (ACOUNT, "len([word for word in Word.objects.all()])", "async for word in Word.objects.all()"),
        (ACOUNT, "await Word.objects.filter().count()", "await Word.objects.filter().acount()"),
        (ACOUNT, "self.counted()", "await database_sync_to_async(self.counted)()"),
        (CONNECT, f"{CONNECT}        for word in Word.objects.filter(text=''):\n            pass\n",
         "async for word in Word.objects.filter(text=''):"),
        (CONNECT, f"{CONNECT}        words = Word.objects.all()\n        words.filter(text='').exists()\n",
         "await words.filter(text='').aexists()"),
        (CONNECT, f"{CONNECT}        word = await Word.objects.acreate(text='')\n        word.delete()\n",
         "await word.adelete()"),
    ],
)  # fmt: skip
def test_asking_the_database_from_async_code_ends_the_socket(
    channels_project: Project, right: str, wrong: str, mend: str
) -> None:
    channels_project.append("talk/consumers.py", "\n    def counted(self):\n        return Word.objects.count() + 0")
    channels_project.replace("talk/consumers.py", right, wrong)
    said = channels_project.handshake()
    assert "SynchronousOnlyOperation: You cannot call this from an async context" in said

    report = channels_project.doctor()

    assert report.ids == ["E025"]
    line = next(part for part in reversed(wrong.splitlines()) if "pass" not in part)
    assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', line)}" in report.part("E025")
    assert f"      {mend}" in report.part("E025")
    channels_project.replace("talk/consumers.py", wrong, right)
    assert "hello" in channels_project.handshake()
    assert channels_project.doctor().ids == []


@pytest.mark.parametrize(
    "right",
    [
        "await database_sync_to_async(Word.objects.count)()",
        "await database_sync_to_async(lambda: Word.objects.count())()",
        "len([word async for word in Word.objects.all()])",
        "await self.count()",
        "await database_sync_to_async(self.plain_count)()",
        "await self.aliased()",
        "await self.wrapped()",
    ],
)
def test_asking_the_database_in_a_thread_or_asynchronously_is_right(channels_project: Project, right: str) -> None:
    channels_project.replace(
        "talk/consumers.py",
        "from talk.models import Word\n",
        "from channels.db import database_sync_to_async\nfrom channels.db import database_sync_to_async as db\n\n"
        "from talk.models import Word\n",
    )
    channels_project.append(
        "talk/consumers.py",
        "\n    @database_sync_to_async\n    def count(self):\n        return Word.objects.count()\n"
        "\n    def plain_count(self):\n        return Word.objects.count()\n"
        "\n    @db\n    def aliased(self):\n        return Word.objects.count()\n"
        "\n    def wrapped(self):\n        return Word.objects.count()\n\n    wrapped = db(wrapped)",
    )
    channels_project.replace("talk/consumers.py", ACOUNT, right)
    assert "0 words" in channels_project.handshake()

    assert channels_project.doctor().ids == []


def test_a_layer_that_is_used_and_not_there_ends_the_socket(channels_project: Project) -> None:
    line = 'CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}'
    channels_project.replace("web/settings.py", line, "")
    assert "AttributeError: 'NoneType' object has no attribute 'group_add'" in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["W021"]
    assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', 'channel_layer')}" in report.part("W021")
    assert line in report.part("W021")
    channels_project.append("web/settings.py", line)
    assert channels_project.doctor().ids == []
