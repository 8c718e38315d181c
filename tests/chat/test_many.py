"""Statements for many rows: they store and find what a model's instance each would."""

from teahouse.chat.many import Earlier, NewEntry, NewMessage, insert_entries, insert_messages, posted_before
from teahouse.models import Entry, Message, Person, Room
from tests.chat.plans import queries_of
from tests.chat.talk import Talk


def people(count: int) -> list[Person]:
    Person.objects.bulk_create([Person(uid=f"g{number}", kind="guest", name="Ann") for number in range(count)])
    return list(Person.objects.order_by("pk"))


def new_message(room: Room, author: Person, seq: int, key: str, text: str = "hello") -> NewMessage:
    return NewMessage(room.pk, author, seq, seq, key, "digest", text, 1000)


def test_a_new_message_becomes_the_row_that_it_says(talk: Talk) -> None:
    (ann,) = people(1)
    changed = new_message(talk.room, ann, 2, "k2", "茶 '\"%s \\ 🍵\n")
    changed.changed, changed.edited_at, changed.deleted = 7, 2000, True
    insert_messages([new_message(talk.room, ann, 1, "k1"), changed])
    first, second = Message.objects.order_by("seq").values()
    first.pop("id")
    assert first == {
        "room_id": talk.room.pk,
        "author_id": ann.pk,
        "seq": 1,
        "changed": 1,
        "key": "k1",
        "digest": "digest",
        "text": "hello",
        "at": 1000,
        "edited_at": None,
        "deleted": False,
    }
    assert (second["text"], second["edited_at"], second["deleted"]) == ("茶 '\"%s \\ 🍵\n", 2000, True)


def test_a_new_entry_becomes_the_row_that_it_says(talk: Talk) -> None:
    (ann,) = people(1)
    entries = [
        NewEntry(talk.room.pk, 1, 1, 1, None, ann.pk, 1000),
        NewEntry(talk.room.pk, 2, 4, None, ann.pk, ann.pk, 9),
    ]
    insert_entries(iter(entries))
    assert [NewEntry(**row) for row in Entry.objects.order_by("seq").values(*NewEntry._fields)] == entries


def test_nothing_to_do_asks_the_database_nothing(talk: Talk) -> None:
    def nothing() -> None:
        insert_messages([])
        insert_entries([])
        assert list(posted_before([])) == []

    assert queries_of(nothing) == []


def test_what_stands_under_a_key_is_found_by_all_three_parts_of_it(talk: Talk) -> None:
    ann, bob = people(2)
    insert_messages([new_message(talk.room, ann, 1, "k"), new_message(talk.room, bob, 2, "k2")])
    room = talk.room.pk
    asked = [
        (ann.pk, room, "k"),
        (ann.pk, room, "k2"),
        (bob.pk, room, "k"),
        (ann.pk, room + 1, "k"),
        (ann.pk, room, "K"),
    ]
    assert list(posted_before(asked)) == [Earlier(room, ann.pk, "k", "digest", 1, 1000)]


def test_more_keys_than_one_statement_takes_are_all_found(talk: Talk) -> None:
    authors = people(310)
    messages = [new_message(talk.room, author, seq, f"k{seq}") for seq, author in enumerate(authors, 1)]
    insert_messages(messages)
    keys = [(author.pk, talk.room.pk, f"k{seq}") for seq, author in enumerate(authors, 1)]
    found = list(posted_before([*keys, (authors[0].pk, talk.room.pk, "none")]))
    assert sorted(earlier.seq for earlier in found) == list(range(1, 311))
    assert len(queries_of(lambda: list(posted_before(keys)))) == 2
