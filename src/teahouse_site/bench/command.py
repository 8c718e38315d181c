"""``teahouse bench``: fans out in a room of its own on any running Teahouse, and says plainly what came of it."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from teahouse_site.bench.build import CannotBuild, load_program
from teahouse_site.bench.load import Load, LoadFailed, Outcome, Server, teahouse

DEFAULT_URL = "http://127.0.0.1:4000/"
CONNECT_SECONDS = 5
# Busier than that, and the load may well be what is measured.
BUSY_LIMIT = 0.9


def bench(arguments: Sequence[str]) -> None:
    """Do what the command line says. Exits with one line when that does not work, and with 1 when a message is lost."""
    options = _options(arguments)
    try:
        server, path = find_server(options.url)
        load = Load(load_program())
        room = options.room or f"bench-{secrets.token_hex(4)}"
        print(
            f"Room {room}: {options.members} members, {options.in_flight} in flight, {options.seconds:g} s.", flush=True
        )
        dialect = teahouse(room, f"{path}ws/")
        outcome = load.run(
            server,
            dialect,
            options.members,
            [options.in_flight],
            seconds=options.seconds,
            limit_seconds=options.seconds + 20,
        )
    except (CannotBuild, LoadFailed, ValueError) as error:
        sys.exit("\n".join([f"teahouse bench: {error}", *_mend(str(error))]))
    print("\n".join([*told(outcome, options.members), *warnings(outcome, server)]))
    if not outcome.is_whole or outcome.windows[0]["twice"]:
        sys.exit(1)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="teahouse bench",
        description="Loads a running Teahouse with one room full of guests, and says what each of them received.",
    )
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help="where it runs (%(default)s)")
    parser.add_argument("--members", type=_positive, default=100, metavar="N", help="people in the room (%(default)s)")
    parser.add_argument(
        "--in-flight", type=_positive, default=4, metavar="N", help="messages on their way (%(default)s)"
    )
    parser.add_argument("--seconds", type=_seconds, default=5.0, metavar="S", help="how long to send (%(default)g)")
    parser.add_argument("--room", metavar="NAME", help="the room, whose log keeps the messages (one of its own)")
    return parser.parse_args(arguments)


def _positive(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= 60_000:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number from 1 to 60000")
    return int(word)


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 600:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of seconds from 0.1 to 600")
    return seconds


def find_server(url: str) -> tuple[Server, str]:
    """Return the server that a URL names, tried once, and the path below which it stands. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "ws") or not parts.hostname:
        https = " (TLS is the proxy's work: give the address behind it)" if parts.scheme in ("https", "wss") else ""
        raise ValueError(f"{url!r} is no address like {DEFAULT_URL}{https}")
    port = parts.port if parts.port is not None else 80
    try:
        with socket.create_connection((parts.hostname, port), timeout=CONNECT_SECONDS) as line:
            host = line.getpeername()[0]
    except OSError as error:
        raise ValueError(f"nothing answers at {parts.hostname} port {port}: {reason(error)}") from None
    return Server(host, port, parts.netloc.rpartition("@")[2]), parts.path.rstrip("/") + "/"


def reason(error: OSError) -> str:
    """Return what went wrong in the system's words, for errors that have a number and for those that have none."""
    if error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno)
    return "no answer in time" if isinstance(error, TimeoutError) else str(error.strerror or error)


def told(outcome: Outcome, members: int) -> list[str]:
    """Return the lines that say what was measured."""
    arrival = outcome.arrival
    seconds = arrival["connect_seconds"]
    lines = [f"  came in      {arrival['opened']} in {seconds:.2f} s ({arrival['opened'] / max(seconds, 1e-9):,.0f}/s)"]
    if not outcome.windows:
        return [
            *lines,
            f"  UNFINISHED   {members - arrival['opened']} of {members} never got in. {arrival['first_close']}",
        ]
    window = outcome.windows[0]
    lines += [
        f"  messages     {window['messages']:,} ({window['messages'] / window['seconds']:,.0f}/s)",
        f"  deliveries   {window['deliveries']:,} ({window['deliveries_per_second']:,.0f}/s)",
        f"  to the last  p50 {_milliseconds(window, 'p50_ms')}, p99 {_milliseconds(window, 'p99_ms')}",
        f"  lost         {window['lost']}",
        f"  twice        {window['twice']}",
    ]
    if window["cut_off"]:
        lines.append(f"  UNFINISHED   {window['cut_off']} deliveries were still missing when time was up")
    if window.get("refused"):
        code = window["first_refusal"]
        lines += [f"  refused      {window['refused']} messages; the first as {code}", *_mend(code)]
    if window["closed"]:
        lines.append(f"  closed       {window['closed']} lines; the first said: {window['first_close']}")
    return lines


def _mend(refusal: str) -> list[str]:
    """Return what to do about a load that met the server's limits, which are for people."""
    if "rate_limited" not in refusal and " 429 " not in refusal:
        return []
    text = (
        "The server limits how much one may send. To measure it, lift that: start it with TEAHOUSE_LIMITS=off, "
        'or with TEAHOUSE = {"LIMITS": False} in the settings of a site of your own.'
    )
    return [text]


def _milliseconds(window: dict[str, Any], name: str) -> str:
    return "never" if window[name] is None else f"{window[name]:.2f} ms"


def warnings(outcome: Outcome, server: Server) -> list[str]:
    """Return what one must know before believing the figures."""
    busy = max((window["busy"] for window in outcome.windows), default=0.0)
    lines = []
    if busy > BUSY_LIMIT:
        lines.append(f"The load had work {busy:.0%} of the time: it may be the limit, and not the server.")
    if ipaddress.ip_address(server.host.partition("%")[0]).is_loopback:
        cores = os.cpu_count()
        lines.append(
            f"Server and load share this machine, which has {cores} cores, and the load keeps one of them busy."
        )
    return lines
