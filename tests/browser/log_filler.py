"""Fills a room quickly over one socket, for tests of long rooms."""

import json

from websockets.sync.client import connect
from websockets.typing import Subprotocol


def fill(ws_url: str, room: str, texts: list[str], name: str = "Filler") -> list[int]:
    """Post the texts in order as a new guest; returns their numbers after all were acknowledged."""
    with connect(f"{ws_url}/ws/", subprotocols=[Subprotocol("teahouse.v1")], max_size=None) as socket:
        socket.send(json.dumps({"type": "hello", "id": 0, "version": 1, "name": name, "rooms": []}))
        for number, text in enumerate(texts, start=1):
            post = {"type": "post", "id": number, "room": room, "key": f"filled-{number}", "text": text}
            socket.send(json.dumps(post))
        numbers: dict[int, int] = {}
        while len(numbers) < len(texts):
            answer = json.loads(socket.recv(timeout=30))
            assert answer["type"] != "error", answer
            if answer["type"] == "ok" and answer["id"]:
                numbers[answer["id"]] = answer["seq"]
    return [numbers[number] for number in sorted(numbers)]
