"""Teahouse's settings: typed, each with its default, read live from the host's ``TEAHOUSE`` dict."""

from __future__ import annotations

from typing import Any, get_type_hints

from django.conf import settings as django_settings


class TeahouseSettings:
    """Attributes are the defaults; a key of the same name in ``settings.TEAHOUSE`` overrides one.

    Reading is live, so ``override_settings`` works. A key that is no setting is ignored.
    Sizes are bytes, lengths are characters, times are seconds.
    """

    POLICY: str = "teahouse.chat.policy.Policy"
    """Dotted path of the class that says who may do what."""
    POLICY_SECONDS: float = 5
    """Who asks the policy waits no longer; the change is refused as ``unavailable``."""
    POLICY_THREADS: int = 16
    """How many ask the policy at once, per process."""
    RIGHTS_SECONDS: float = 30
    """What a policy derives from the host's data is asked again so often for what is open."""

    MAX_MESSAGE_LENGTH: int = 4000
    MAX_ROOM_NAME_LENGTH: int = 80
    MAX_NICKNAME_LENGTH: int = 40
    MAX_FRAME_BYTES: int = 64 * 1024
    MAX_JSON_DEPTH: int = 16

    PAGE_MESSAGES: int = 50
    """Messages in a page of history or a reset."""
    CATCH_UP_ENTRIES: int = 100
    """Entries that one page of a catch-up covers."""
    RESET_ENTRIES: int = 500
    """Who is further behind starts again from the newest page."""

    LIMITS: bool = True
    """False lifts the limits on how much one person or socket may send, for benches and closed networks. What keeps
    the server itself upright stays: sizes, depths and queues."""

    DOCTOR: bool = True
    """False: a server that starts has nobody look at the project, which takes some memory and half a second."""

    POSTS_PER_SECOND: float = 10
    """Of one person in one room, in the long run."""
    POST_BURST: int = 200
    COMMANDS_PER_SECOND: float = 50
    """Of one socket, in the long run."""
    COMMAND_BURST: int = 1000
    SOCKETS_PER_PERSON: int = 100
    SOCKETS_PER_ADDRESS: int = 2000
    HANDSHAKES_PER_SECOND: float = 100
    """From one address, in the long run."""
    HANDSHAKE_BURST: int = 2000
    ROOMS_PER_HOUR: int = 60
    """Made by one person."""

    PROXIES: tuple[str, ...] = ()
    """Addresses or networks whose ``X-Forwarded-For`` is believed; from anybody else it is ignored."""

    HELLO_SECONDS: float = 10
    PING_SECONDS: float = 25
    PONG_SECONDS: float = 10
    SWEEP_SECONDS: float = 5
    DRAIN_SECONDS: float = 10
    TOKEN_SECONDS: int = 3600
    """How long a token of ``teahouse.token_for`` is good."""
    GUEST_SECONDS: int = 400 * 24 * 3600
    """How long a guest is remembered; browsers keep no cookie longer than 400 days."""
    INVITE_SECONDS: int = 7 * 24 * 3600
    """How long an invitation is good, unless it says otherwise."""
    GUEST_BAN_SECONDS: int = 24 * 3600
    """How long a guest's ban keeps other guests of the same network out too."""

    WRITER_QUEUE: int = 10_000
    """Changes that may wait for the writer; more are refused as ``overloaded``."""
    WRITER_BATCH: int = 500
    """Changes that one transaction takes at most."""
    READER_THREADS: int = 4
    RING_BYTES: int = 256 * 1024
    """Recent frames kept per room, from which reconnects are served without a query."""
    QUEUE_BYTES: int = 256 * 1024
    """What may wait for one socket before its events are dropped and it is told of the gap."""
    STALLED_SECONDS: float = 20
    """A socket that takes nothing for so long is closed."""
    RING_INLINE_BYTES: int = 8 * 1024
    """A doorbell carries the new rows when they are no larger than this."""

    CHANNEL_LAYER: str = "default"
    """The channel layer that rings other processes."""

    def __getattribute__(self, name: str) -> Any:
        if name.isupper():
            return getattr(django_settings, "TEAHOUSE", {}).get(name, object.__getattribute__(self, name))
        return object.__getattribute__(self, name)


settings = TeahouseSettings()


def setting_names() -> list[str]:
    """Return the names of all settings, for the docs' test and the doctor."""
    return [name for name in get_type_hints(TeahouseSettings) if name.isupper()]
