"""Several processes write to the same and to different rooms of one database."""

from tests.behaviour.chat.programs import Begin
from tests.behaviour.conftest import host_environment
from tests.behaviour.tables import Tables

ROOMS = ("tea", "cake", "cream")
PLACES = "SELECT room_id, p.uid, m.key, m.seq FROM teahouse_message m JOIN teahouse_person p ON p.id = m.author_id"


def test_commit_order_is_number_order_and_nobody_waits_for_ever(begin: Begin, tables: Tables) -> None:
    writers = [begin("write_much", host_environment(tables), str(seed), "25") for seed in range(3)]
    looks = 0
    while any(writer.running for writer in writers):
        for room in ROOMS:
            head = tables.head(room)
            numbers = tables.numbers(room)
            assert numbers == [*range(1, len(numbers) + 1)]
            assert len(numbers) >= head, "whoever sees a head finds all that lies before it"
        looks += 1
    told = [writer.facts() for writer in writers]

    assert looks > 3
    assert [found["refused"] for found in told] == [[], [], []]
    stored = {f"{room} {uid} {key}": seq for room, uid, key, seq in tables.ask(PLACES)}
    answered = {place: seq for found in told for place, seq in found["posted"].items()}
    assert answered == stored, "every answer names the one place of that message"
    for found in told:
        assert found["posted"].items() <= stored.items()
    assert [tables.head(room) for room in ROOMS] == [len(tables.numbers(room)) for room in ROOMS]
    assert tables.ask("SELECT count(*) FROM teahouse_person") == [(4,)], "the shared guest is one person"
