"""A client of the tests: follows the client's law of docs/protocol.md over a real socket, and nothing but it."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.behaviour.small_socket import small_socket
from tests.chat.picture import Picture

SUBPROTOCOL = "teahouse.v1"
PATIENCE_SECONDS = 15
RECONNECT_SECONDS = 0.05

Answer = dict[str, Any]


class LineLost(Exception):
    """The socket went before the answer came: the command was done, or it was not."""


class Chatter:
    """One person in one room. Use as `async with Chatter(url) as ann:`, which returns when she is level.

    It connects again whenever the line is lost, by the positions that it holds, and sends every post again until it
    is answered for good. `url` may change between two connections.
    """

    def __init__(
        self,
        url: str,
        *,
        room: str = "tea",
        name: str = "Ann",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        small_buffers: bool = False,
    ) -> None:
        self.url = url
        self.room = room
        self.name = name
        self.token = token
        self.headers = dict(headers or {})
        self.picture = Picture()
        self.me: Answer = {}
        self.state: Answer = {}
        # Older messages than this it was never sent, but those that changed meanwhile.
        self.floor = 1
        self.resets: list[str] = []
        self.asked_again = 0
        self.gaps = 0
        # Where it stood when it was first told of one.
        self.stood_at_gap: int | None = None
        self.refused_for_now: list[str] = []
        self.refused_hellos: list[str] = []
        self.refused_rooms: list[str] = []
        self.byes: list[Answer] = []
        self.closes: list[tuple[int, str] | None] = []
        self.connections = 0
        self._small_buffers = small_buffers
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._posts: dict[str, tuple[str, asyncio.Future[Answer]]] = {}
        self._keys: dict[int, str] = {}
        self._watching: int | None = None
        self._sending_again: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._news = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay())
        await self.until(lambda: self.picture.position is not None, "entered the room")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def post(self, text: str, key: str | None = None) -> Answer:
        """Posts until it is answered for good; returns `ok`, or a refusal that sending again does not mend."""
        return await self.begin_post(text, key)

    def begin_post(self, text: str, key: str | None = None) -> asyncio.Future[Answer]:
        """Sends it now or as soon as there is a line; the future has the answer."""
        key = key or f"{self.name}-{next(self._ids)}"
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._posts[key] = (text, answer)
        if self._said_hello:
            self._send_post(key)
        return answer

    async def edit(self, seq: int, changed: int, text: str) -> Answer:
        return await self.ask("edit", room=self.room, seq=seq, changed=changed, text=text)

    async def delete(self, seq: int, changed: int) -> Answer:
        return await self.ask("delete", room=self.room, seq=seq, changed=changed)

    async def ask(self, command: str, **fields: Any) -> Answer:
        """Sends one command on the line as it is, and returns its answer; raises LineLost."""
        if not self._said_hello:
            raise LineLost
        command_id = next(self._ids)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[command_id] = answer
        self._send({"type": command, "id": command_id, **fields})
        return await answer

    async def until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Returns as soon as `holds()` does, asked whenever anything arrives."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {what}; {self}") from None

    async def until_text(self, text: str, seconds: float = PATIENCE_SECONDS) -> None:
        await self.until(lambda: text in self.picture.texts(), f"saw {text!r}", seconds)

    async def until_at(self, head: int, seconds: float = PATIENCE_SECONDS) -> None:
        await self.until(lambda: (self.picture.position or 0) >= head, f"stands at {head}", seconds)

    def stop_reading(self) -> None:
        """Takes nothing from the line any more; what the system buffers is all that still comes in."""
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    async def cut(self) -> None:
        """Loses the line without a word, as a phone in a tunnel does; it connects again by itself."""
        if self._socket is not None:
            self._socket.transport.abort()

    @property
    def local_port(self) -> int:
        """The port of its own side of the line, which must stand."""
        assert self._socket is not None
        port: int = self._socket.local_address[1]
        return port

    def __repr__(self) -> str:
        counts = f"resets={self.resets} gaps={self.gaps} asked_again={self.asked_again} closes={self.closes}"
        return f"<{self.name} at {self.picture.position} of {self.room!r} {counts}>"

    @property
    def _said_hello(self) -> bool:
        return self._socket is not None and bool(self.state)

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                await self._converse()
            self._lost()
            wait = self.byes[-1].get("retry_after") if self.byes and self.closes[-1:] == [(4200, "restart")] else None
            await asyncio.sleep(wait or RECONNECT_SECONDS)

    async def _converse(self) -> None:
        async with self._connection() as socket:
            self.connections += 1
            self._socket = socket
            hello_id = next(self._ids)
            self._answers[hello_id] = hello = asyncio.get_running_loop().create_future()
            hello.add_done_callback(self._greeted)
            said = {"type": "hello", "id": hello_id, "version": 1, "name": self.name, "rooms": [self._position()]}
            self._send({**said, "token": self.token} if self.token else said)
            try:
                while True:
                    await self._reading.wait()
                    self._hear(msgspec.json.decode(await socket.recv()))
                    self._news.set()
            except ConnectionClosed as closed:
                self.closes.append((closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else None)
                raise

    def _connection(self) -> connect:
        options: dict[str, Any] = {}
        if self._small_buffers:
            # Set before connecting, or the system lets the window grow to megabytes.
            options["sock"] = small_socket(self.url)
            options["max_queue"] = 1
        return connect(
            f"{self.url}/ws/",
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
            close_timeout=1,
            **options,
        )

    def _lost(self) -> None:
        self._socket, self.state, self._watching = None, {}, None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(LineLost())
                answer.exception()  # a hello that nobody awaits
        self._answers.clear()
        self._keys.clear()
        self._news.set()

    def _send(self, said: Answer) -> None:
        assert self._socket is not None
        task = asyncio.ensure_future(_sent(self._socket.send(msgspec.json.encode(said).decode())))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    def _position(self) -> Answer:
        if self.picture.position is None:
            return {"room": self.room}
        return {"room": self.room, "epoch": self.picture.epoch, "seq": self.picture.position}

    def _hear(self, said: Answer) -> None:
        match said["type"]:
            case "ok" | "error":
                self._take_answer(said)
            case "changes" | "reset":
                self._take_event(said)
            case "gap":
                if not self.gaps:
                    self.stood_at_gap = self.picture.position
                self.gaps += 1
                self._watch(self._position())
            case "ping":
                self._send({"type": "pong"})
            case "bye":
                self.byes.append(said)

    def _greeted(self, hello: asyncio.Future[Answer]) -> None:
        if hello.exception() is not None:
            return
        answer = hello.result()
        if answer["type"] != "ok":
            self.refused_hellos.append(answer["code"])
            return
        self.me, self.state = answer["me"], answer["rooms"][0]
        self.token = answer.get("token", self.token)
        self._watch_again_if(self.state.get("error"))
        self._send_again()

    def _take_answer(self, answer: Answer) -> None:
        if answer["id"] == self._watching:
            self._watching = None
            if answer["type"] == "ok":
                self.state = answer
            else:
                self._watch_again_if(answer)
        key = self._keys.pop(answer["id"], None)
        if key is not None:
            self._take_post_answer(key, answer)
        elif (waiting := self._answers.pop(answer["id"], None)) is not None and not waiting.done():
            waiting.set_result(answer)

    def _take_post_answer(self, key: str, answer: Answer) -> None:
        if answer["type"] == "error" and answer["retry"]:
            self.refused_for_now.append(answer["code"])
            if self._sending_again is None or self._sending_again.done():
                self._sending_again = asyncio.create_task(self._send_again_after(answer.get("retry_after", 0.1)))
        elif (waiting := self._posts.pop(key, None)) is not None:
            waiting[1].set_result(answer)

    def _take_event(self, event: Answer) -> None:
        if event["room"] != self.room:
            return
        if event["type"] == "reset":
            self.resets.append(event["reason"])
            self.floor = event["messages"][0]["seq"] if event["more"] else 1
        done = self.picture.apply(event)
        if done == "other epoch":
            self._watch({"room": self.room})
        elif done == "missing":
            self.asked_again += 1
            self._watch(self._position())

    def _watch(self, position: Answer) -> None:
        if self._watching is None:
            self._watching = next(self._ids)
            self._send({"type": "watch", "id": self._watching, **position})

    def _watch_again_if(self, refusal: Answer | None) -> None:
        """A room that is refused for now, by a policy that was slow for example, is asked for again."""
        if refusal is not None and refusal["retry"]:
            self.refused_rooms.append(refusal["code"])
            loop = asyncio.get_running_loop()
            loop.call_later(refusal.get("retry_after", 0.1), self._watch_on, self._socket)

    def _watch_on(self, socket: ClientConnection | None) -> None:
        if socket is self._socket and socket is not None:
            self._watch(self._position())

    def _send_post(self, key: str) -> None:
        command_id = next(self._ids)
        self._keys[command_id] = key
        self._send({"type": "post", "id": command_id, "room": self.room, "key": key, "text": self._posts[key][0]})

    def _send_again(self) -> None:
        for key in self._posts:
            self._send_post(key)

    async def _send_again_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._said_hello:
            self._send_again()


_tasks: set[asyncio.Future[None]] = set()


async def _sent(sending: Awaitable[None]) -> None:
    # A line that is lost meanwhile is noticed where it is read.
    with contextlib.suppress(ConnectionClosed):
        await sending
