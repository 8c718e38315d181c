"""The same key gives the same answer for ever, whichever way it comes."""

import asyncio
from typing import Any

import httpx

from tests.behaviour.chatter import Answer, Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess


def post_over_http(server: ServerProcess, token: str | None, key: str, text: str) -> Answer:
    said: dict[str, Any] = {"type": "post", "id": 1, "room": "tea", "key": key, "text": text}
    response = httpx.post(
        f"{server.url}/api/v1/", json=said, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=10
    )
    answer: Answer = response.json()["answer"]
    return answer


def place(answer: Answer) -> tuple[int, int, bool]:
    assert answer["type"] == "ok", answer
    return answer["seq"], answer["at"], answer["repeat"]


async def test_a_key_keeps_its_answer_over_lines_restarts_and_transports(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables)
    async with Chatter(server.ws_url) as ann:
        seq, at, repeat = place(await ann.post("hello", "k1"))
        assert not repeat
        again = (seq, at, True)
        assert place(await ann.post("hello", "k1")) == again
        await ann.cut()
        assert place(await ann.post("hello", "k1")) == again
        assert place(await asyncio.to_thread(post_over_http, server, ann.token, "k1", "hello")) == again

        await asyncio.to_thread(server.restart)
        assert place(await ann.post("hello", "k1")) == again
        assert place(await asyncio.to_thread(post_over_http, server, ann.token, "k1", "hello")) == again
        assert ann.connections == 3

        first = place(await asyncio.to_thread(post_over_http, server, ann.token, "k2", "by HTTP"))
        assert place(await ann.post("by HTTP", "k2")) == (first[0], first[1], True)
    assert tables.texts() == ["hello", "by HTTP"]


async def test_a_key_with_another_text_is_a_conflict_on_every_way(start_host: StartHost, sqlite: Tables) -> None:
    server = start_host(sqlite)
    async with Chatter(server.ws_url) as ann:
        await ann.post("hello", "k1")
        assert (await ann.post("goodbye", "k1"))["code"] == "key_conflict"
        assert (await asyncio.to_thread(post_over_http, server, ann.token, "k1", "goodbye"))["code"] == "key_conflict"
    assert sqlite.texts() == ["hello"]


async def test_a_key_keeps_its_answer_when_its_message_is_edited_and_deleted(
    start_host: StartHost, sqlite: Tables
) -> None:
    server = start_host(sqlite)
    async with Chatter(server.ws_url) as ann:
        seq, at, _ = place(await ann.post("hello", "k1"))
        edited = await ann.edit(seq, seq, "hello!")
        assert place(await ann.post("hello", "k1")) == (seq, at, True)
        await ann.delete(seq, edited["changed"])
        assert place(await ann.post("hello", "k1")) == (seq, at, True)
    assert [row.get("text") for row in sqlite.messages()] == [None]


async def test_one_key_from_many_lines_at_once_is_one_message(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables)
    async with (
        Chatter(server.ws_url) as ann,
        Chatter(server.ws_url, token=ann.token) as phone,
        Chatter(server.ws_url, token=ann.token) as tablet,
    ):
        # A client keeps one answer for a key, that of its last sending.
        posts = [[line.begin_post("hello", "k1") for _ in range(10)][-1] for line in (ann, phone, tablet)]
        http = [asyncio.to_thread(post_over_http, server, ann.token, "k1", "hello") for _ in range(5)]
        answers = [place(answer) for answer in await asyncio.gather(*http, *posts)]
    assert len({(seq, at) for seq, at, _ in answers}) == 1
    assert tables.texts() == ["hello"]
