"""What commands mean: the answers that both edges give, and all of a command at once for the HTTP edge."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from teahouse.chat import hosting, log, pages
from teahouse.chat.actions import AskAgain, PostMessage
from teahouse.chat.commands import perform, welcome
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity, new_guest, people_changed
from teahouse.chat.rooms import room_at
from teahouse.chat.states import room_state
from teahouse.chat.writing import write
from teahouse.errors import (
    BadRoomName,
    Banned,
    Conflict,
    KeyConflict,
    NoSuchMessage,
    NoSuchRoom,
    NotAllowed,
    UnknownCommand,
)
from teahouse.models import Log, Message, Room
from teahouse.protocol import commands as said
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Changes, Reset
from tests.chat.picture import Picture
from tests.chat.talk import Talk, commits


def do(command: said.Command, person: Identity) -> dict[str, Any]:
    """The fields of the answer to a command that brings no events."""
    with commits():
        answer, events = perform(command, person)
    assert events == []
    encode(answer)
    return answer


def hello(person: Identity, *rooms: said.RoomPosition) -> tuple[dict[str, Any], list[Changes | Reset]]:
    return perform(said.Hello(id=1, version=1, rooms=list(rooms)), person)


# Writing


def test_posting_editing_and_deleting_are_answered_with_numbers(talk: Talk) -> None:
    ann = talk.person("Ann")
    posted = do(said.Post(id=1, room="TEA", key="k", text="hello"), ann)
    assert (posted["room"], posted["seq"], posted["repeat"]) == ("tea", 1, False)
    assert posted["at"] == Message.objects.get().at
    assert do(said.Post(id=2, room="tea", key="k", text="hello"), ann) == {**posted, "repeat": True}
    edited = do(said.Edit(id=3, room="tea", seq=1, changed=1, text="hello!"), ann)
    assert (edited["seq"], edited["changed"]) == (1, 2)
    deleted = do(said.Delete(id=4, room="tea", seq=1, changed=2), ann)
    assert deleted.keys() == {"room", "seq", "changed", "at"}


def test_reading_is_answered_with_where_it_stands_and_shows_in_the_next_hello(talk: Talk) -> None:
    bob = talk.person("Bob")
    do(said.Join(id=1, room="tea"), bob)
    talk.say("one", "two")
    (state,) = hello(bob, said.RoomPosition(room="tea"))[0]["rooms"]
    assert (state.read, state.unread) == (1, 2)
    assert do(said.Read(id=2, room="tea", seq=99), bob) == {"room": "tea", "seq": 3}
    assert do(said.Read(id=3, room="tea", seq=1), bob) == {"room": "tea", "seq": 3}
    watched, _ = perform(said.Watch(id=4, room="tea"), bob)
    assert (watched["read"], watched["unread"]) == (3, 0)


def test_joining_and_leaving_are_answered_with_number_and_role(talk: Talk) -> None:
    ann = talk.person("Ann")
    assert do(said.Join(id=1, room="tea"), ann) == {"room": "tea", "seq": 1, "role": "member"}
    assert do(said.Join(id=2, room="tea"), ann) == {"room": "tea", "seq": 1, "role": "member"}
    assert do(said.Leave(id=3, room="tea"), ann) == {"room": "tea", "seq": 2, "role": None}


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (said.Post(id=1, room="tea", key="k1", text="another"), KeyConflict),
        (said.Edit(id=1, room="tea", seq=1, changed=9, text="x"), Conflict),
        (said.Edit(id=1, room="tea", seq=7, changed=7, text="x"), NoSuchMessage),
        (said.Delete(id=1, room="tea", seq=2, changed=2), NotAllowed),
        (said.Post(id=1, room="cake", key="k", text="x"), NoSuchRoom),
        (said.Join(id=1, room="x" * 10_000), BadRoomName),
        (said.Unwatch(id=1, room="tea"), UnknownCommand),
        (said.Ping(), UnknownCommand),
        (said.Pong(), UnknownCommand),
    ],
)
def test_a_refusal_is_raised(talk: Talk, command: said.Command, error: type[Exception]) -> None:
    talk.do(talk.post("Ann", "one", key="k1"), talk.post("Bob", "two"))
    with pytest.raises(error):
        perform(command, talk.person("Ann"))
    assert talk.head() == 2


def test_who_may_not_post_may_read_and_take_back_what_was_said(talk: Talk, settings: Any) -> None:
    talk.say("one", by="Mallory")
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    mallory = talk.person("Mallory")
    refused: list[said.Command] = [
        said.Post(id=1, room="tea", key="k", text="x"),
        said.Edit(id=1, room="tea", seq=1, changed=1, text="x"),
    ]
    for command in refused:
        with pytest.raises(NotAllowed):
            perform(command, mallory)
    assert do(said.History(id=1, room="tea"), mallory)["messages"][0].text == "one"
    assert do(said.Delete(id=1, room="tea", seq=1, changed=1), mallory)["changed"] == 2


def test_nobody_who_may_not_enter_does_anything(talk: Talk) -> None:
    talk.say("one")
    Room.objects.update(kind=Room.Kind.PRIVATE)
    eve = new_guest("Eve")[0]
    commands: list[said.Command] = [
        said.Watch(id=1, room="tea"),
        said.History(id=1, room="tea"),
        said.Join(id=1, room="tea"),
        said.Leave(id=1, room="tea"),
        said.Post(id=1, room="tea", key="k", text="x"),
        said.Edit(id=1, room="tea", seq=1, changed=1, text="x"),
        said.Delete(id=1, room="tea", seq=1, changed=1),
    ]
    for command in commands:
        with pytest.raises(NoSuchRoom):
            perform(command, eve)


# Reading


def test_history_is_answered_with_a_page(talk: Talk) -> None:
    talk.say("one", "two", "three")
    answer = do(said.History(id=1, room="tea", before=3, limit=1), talk.person("Ann"))
    assert [row.text for row in answer.pop("messages")] == ["two"]
    assert answer == {"room": "tea", "epoch": talk.epoch(), "more_before": True, "more_after": True}


def test_hello_tells_who_one_is_and_what_the_limits_are(db: None, settings: Any) -> None:
    settings.TEAHOUSE = {"MAX_MESSAGE_LENGTH": 99, "PING_SECONDS": 7}
    ann = new_guest("Ann")[0]
    answer, events = hello(ann)
    assert encode(answer["me"]) == f'{{"id":"{ann.uid}","name":"Ann","kind":"guest"}}'
    assert (answer["version"], answer["ping_seconds"], answer["rooms"], events) == (1, 7, [], [])
    assert answer["limits"] == {"message_length": 99, "frame_bytes": 65536, "page": 50}
    assert welcome(ann) == {name: value for name, value in answer.items() if name != "rooms"}


def test_hello_answers_each_room_for_itself_in_their_order(talk: Talk) -> None:
    talk.say("one", "two")
    positions = [
        said.RoomPosition(room="No Such"),
        said.RoomPosition(room="TEA", epoch=talk.epoch(), seq=1),
        said.RoomPosition(room="a/b"),
    ]
    answer, events = hello(talk.person("Ann"), *positions)
    missing, tea, bad = answer["rooms"]
    assert (missing["room"], missing["error"]["code"]) == ("No Such", "no_such_room")
    assert (tea.room, tea.title, tea.kind, tea.head, tea.role, tea.can_post) == ("tea", "tea", "open", 2, None, True)
    assert bad["error"]["code"] == "bad_room_name"
    assert [(event.room, event.upto) for event in events] == [("tea", 2)]


def test_a_room_tells_its_members_role_and_whether_one_may_post(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    talk.do(talk.join("Ann"), talk.join("Bob"), talk.leave("Bob"))
    room = room_at("tea")
    roles = {name: room_state(room, talk.person(name)).role for name in ("Ann", "Bob", "Mallory")}
    assert roles == {"Ann": "member", "Bob": None, "Mallory": None}
    assert room_state(room, talk.person("Ann")).can_post
    assert not room_state(room, talk.person("Mallory")).can_post


def test_watching_brings_level_in_a_few_pages_and_asking_again_brings_the_rest(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"CATCH_UP_ENTRIES": 2, "RESET_ENTRIES": 100}
    talk.say(*[str(number) for number in range(25)])
    ann, picture, answers = talk.person("Ann"), Picture(talk.epoch(), 0), 0
    while picture.position != talk.head():
        answer, events = perform(said.Watch(id=1, room="tea", epoch=picture.epoch, seq=picture.position), ann)
        assert [picture.apply(event) for event in events] == ["applied"] * len(events)
        assert 0 < len(events) <= 5
        assert answer["head"] == 25
        answers += 1
    assert answers == 3
    assert picture.texts() == [str(number) for number in range(25)]


def test_one_hello_brings_no_more_than_a_few_pages_however_many_rooms_it_names(talk: Talk) -> None:
    talk.say("hello")
    answer, events = hello(talk.person("Ann"), *[said.RoomPosition("tea")] * 100)
    assert [state.head for state in answer["rooms"]] == [1] * 100
    assert [type(event) for event in events] == [Reset] * 20


def test_rooms_that_got_no_page_get_theirs_when_asked_again(talk: Talk) -> None:
    """A client polls with all its positions; those that are level take no page from the others."""
    ann, names = talk.person("Ann"), [f"room {number}" for number in range(30)]
    for name in names:
        ensure_room(name)
    positions = {name: said.RoomPosition(name) for name in names}
    for missing in (10, 0):
        for event in hello(ann, *positions.values())[1]:
            positions[event.room] = said.RoomPosition(event.room, event.epoch, event.upto)
        assert sum(position.seq is None for position in positions.values()) == missing


def test_watching_without_a_position_is_one_reset_and_level_is_nothing(talk: Talk) -> None:
    talk.say("one")
    ann = talk.person("Ann")
    _, (reset,) = perform(said.Watch(id=1, room="tea"), ann)
    assert isinstance(reset, Reset)
    assert reset.reason == "new"
    _, events = perform(said.Watch(id=1, room="tea", epoch=reset.epoch, seq=reset.upto), ann)
    assert events == []


# Rights that change while something is read


@pytest.mark.parametrize("command", [said.Watch(id=1, room="tea"), said.History(id=1, room="tea")])
def test_a_page_is_handed_to_nobody_whose_rights_changed_while_it_was_read(
    talk: Talk, settings: Any, monkeypatch: pytest.MonkeyPatch, command: said.Command
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    talk.say("hello", by="Bob")
    read = pages._page

    def read_and_change(*asked: Any) -> Any:
        people_changed([talk.person("Bob").uid])
        return read(*asked)

    perform(command, talk.person("Bob"))
    monkeypatch.setattr(pages, "_page", read_and_change)
    with pytest.raises(AskAgain) as refused:
        perform(command, talk.person("Bob"))
    assert refused.value.retry


@pytest.mark.parametrize(
    "command",
    [
        said.Watch(id=1, room="tea"),
        said.History(id=1, room="tea"),
        said.Watch(id=1, room="tea", epoch="e", seq=1),
        said.Watch(id=1, room="tea", epoch="e", seq=3),
    ],
)
@pytest.mark.parametrize("becomes", ["guarded", "private"])
def test_what_was_said_behind_the_end_of_a_right_is_handed_to_nobody_who_was_let_in_before(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, command: said.Command, becomes: str
) -> None:
    """The room as it was entered knows of no ban, and is open; the last position skips the very entry of the end."""
    talk.say("hello", by="Bob")
    Log.objects.update(epoch="e")
    cursor = connection.cursor

    def end_and_read() -> Any:
        monkeypatch.undo()
        if becomes == "private":
            hosting.configure("tea", kind="private")
        else:
            hosting.ban("tea", talk.person("Bob"))
        for key in ("1", "2"):
            write([PostMessage(talk.room.pk, talk.person("Ann"), key, "secret", granted=True)])
        return cursor()

    for module in (pages, log):
        monkeypatch.setattr(module, "connection", SimpleNamespace(cursor=end_and_read))
    with pytest.raises(Banned if becomes == "guarded" else NoSuchRoom):
        perform(command, talk.person("Bob"))
