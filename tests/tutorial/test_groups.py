"""Stage 3 on the layer in memory: rooms by any name, each for itself."""

from tests.servers.processes import ServerProcess
from tests.tutorial.visitors import GREETING, close_code, hear, send_and_go_on, visit


def test_a_room_with_a_chinese_name_carries_its_messages_and_no_others(server: ServerProcess) -> None:
    with (
        visit(server, "/groups/群聊/") as ann,
        visit(server, "/groups/群聊/") as bob,
        visit(server, "/groups/tea & cake/") as eve,
    ):
        assert hear(ann) == hear(bob) == hear(eve) == GREETING
        ann.send("喝茶吗")
        assert hear(ann) == hear(bob) == "喝茶吗"
        eve.send("cake?")
        assert hear(eve) == "cake?"
        bob.send("好")
        assert hear(ann) == hear(bob) == "好"


def test_two_spellings_of_a_name_are_one_room(server: ServerProcess) -> None:
    with visit(server, "/groups/Admin/") as ann, visit(server, "/groups/admin/") as bob:
        hear(ann), hear(bob)
        ann.send("one room")
        assert hear(bob) == "one room"


def test_members_get_the_text_and_not_the_servers_event(server: ServerProcess) -> None:
    with visit(server, "/groups/events/") as ann:
        hear(ann)
        ann.send("{'type': 'websocket.receive'}")
        assert hear(ann) == "{'type': 'websocket.receive'}"


def test_a_binary_frame_closes_its_sender_and_harms_nobody(server: ServerProcess) -> None:
    with (
        visit(server, "/groups/binary/") as ann,
        visit(server, "/groups/binary/") as bob,
        visit(server, "/groups/binary/") as mallory,
    ):
        hear(ann), hear(bob), hear(mallory)
        send_and_go_on(mallory, b"\x00\xff")
        assert close_code(mallory) == 4006
        ann.send("still here")
        assert hear(ann) == hear(bob) == "still here"


def test_a_room_name_longer_than_a_group_name_may_be_is_a_room(server: ServerProcess) -> None:
    with visit(server, f"/groups/{'茶' * 500}/") as ann:
        assert hear(ann) == GREETING
