"""A client of the tests: holds one room's picture by the client's law of docs/protocol.md, and by nothing else."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

Row = dict[str, Any]


@dataclass
class Picture:
    """What one client shows of one room; feed it events as decoded JSON or as structs, in any order and repetition."""

    epoch: str | None = None
    position: int | None = None
    messages: dict[int, Row] = field(default_factory=dict)
    members: dict[str, Row] = field(default_factory=dict)
    info: Row | None = None

    def apply(self, event: msgspec.Struct | Row) -> str:
        """Return what the client does next: nothing more when `applied`, ask again when `missing` or `other epoch`."""
        event = msgspec.to_builtins(event)
        if event["type"] == "reset":
            return self._start_anew(event)
        if event["type"] != "changes":
            return "ignored"
        if event["epoch"] != self.epoch or self.position is None:
            return "other epoch"
        if event["after"] > self.position:
            return "missing"
        if event["upto"] > self.position:
            self._take(event)
            self.position = event["upto"]
        return "applied"

    def shown(self) -> list[Row]:
        """The messages in their order."""
        return [self.messages[seq] for seq in sorted(self.messages)]

    def texts(self) -> list[str]:
        return [row["text"] for row in self.shown() if not row.get("deleted")]

    def _start_anew(self, event: Row) -> str:
        self.messages = {row["seq"]: row for row in event["messages"]}
        self.members = {}
        self.info = None
        self.epoch, self.position = event["epoch"], event["upto"]
        return "applied"

    def _take(self, event: Row) -> None:
        for row in event.get("messages", []):
            held = self.messages.get(row["seq"])
            if held is None or row["changed"] > held["changed"]:
                self.messages[row["seq"]] = row
        for row in event.get("members", []):
            member = self.members.get(row["person"]["id"])
            if member is None or row["changed"] > member["changed"]:
                self.members[row["person"]["id"]] = row
        info = event.get("info")
        if info is not None and (self.info is None or info["changed"] > self.info["changed"]):
            self.info = info
