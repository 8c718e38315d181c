"""The tests' own client: what it holds after the first words with a real server."""

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.levels import all_level
from tests.behaviour.tables import Tables


async def test_two_clients_talk_edit_delete_and_come_back(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables)
    async with Chatter(server.ws_url, name="Ann") as ann, Chatter(server.ws_url, name="Bob") as bob:
        first = await ann.post("hello")
        second = await bob.post("hi")
        await ann.edit(first["seq"], first["seq"], "hello!")
        await bob.delete(second["seq"], second["seq"])
        await all_level([ann, bob], tables)
        assert ann.picture.texts() == bob.picture.texts() == ["hello!"]
        await ann.cut()
        await bob.post("Ann?")
        await ann.post("here I am")
        await all_level([ann, bob], tables)
        assert ann.connections == 2
        assert (ann.resets, bob.resets) == (["new"], ["new"])
