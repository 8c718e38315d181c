"""What single fields of commands can hold; used by the commands, and by what says why one was refused."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

VERSION = 1
"""The protocol version that ``hello`` names."""

PLACES = ("before", "after", "around", "at")
"""What ``history`` can name, one of them at a time."""

GREATEST_INTEGER = 2**53 - 1
"""The greatest integer that JavaScript's numbers hold exactly."""

MAX_SECONDS = 10 * 365 * 24 * 3600

Number = Annotated[int, Meta(ge=0, le=GREATEST_INTEGER)]
Key = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
Epoch = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Seconds = Annotated[int, Meta(ge=0, le=MAX_SECONDS)]
SlowSeconds = Annotated[int, Meta(ge=0, le=24 * 3600)]
Uses = Annotated[int, Meta(ge=1, le=10_000)]
Reason = Annotated[str, Meta(max_length=500)]
Code = Annotated[str, Meta(max_length=200)]
Uid = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,32}\Z")]
RoomKind = Literal["open", "private"]
MemberRole = Literal["owner", "moderator", "member"]
