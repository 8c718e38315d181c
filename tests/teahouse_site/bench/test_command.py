"""Tests of what `teahouse bench` asks and says, without a server."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from teahouse_site.bench import command
from teahouse_site.bench.build import CannotBuild
from teahouse_site.bench.command import bench, find_server, told, warnings
from teahouse_site.bench.load import Load, LoadFailed, Outcome, Server
from teahouse_site.cli import main

ARRIVAL = {"members": 100, "opened": 100, "connect_seconds": 0.5, "first_close": ""}
WINDOW = {
    "window": 4,
    "messages": 1_000,
    "complete": 1_000,
    "deliveries": 100_000,
    "deliveries_per_second": 50_000.0,
    "seconds": 2.0,
    "lost": 0,
    "cut_off": 0,
    "twice": 0,
    "closed": 0,
    "busy": 0.5,
    "p50_ms": 1.25,
    "p99_ms": 3.5,
    "first_close": "",
}
LOOPBACK = Server("127.0.0.1", 4000)


@pytest.fixture
def listening() -> Iterator[int]:
    """A port at which somebody listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("url", ["foo", "ftp://here/", "http://", "https://chat.example.com/"])
def test_what_is_no_address_is_one_line(url: str) -> None:
    with pytest.raises(SystemExit, match=f"^teahouse bench: '{url}' is no address like http://127.0.0.1:4000/"):
        bench([url])


def test_https_is_told_where_tls_ends() -> None:
    with pytest.raises(ValueError, match="give the address behind it"):
        find_server("https://chat.example.com/")


def test_a_port_that_is_none_is_one_line() -> None:
    with pytest.raises(SystemExit, match=r"^teahouse bench: "):
        bench(["http://127.0.0.1:70000/"])


def test_where_nobody_answers_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SystemExit, match=f"nothing answers at 127.0.0.1 port {port}: Connection refused$"):
        main(["bench", f"http://127.0.0.1:{port}/"])


def test_a_path_and_a_name_are_kept(listening: int) -> None:
    server, path = find_server(f"http://localhost:{listening}/chat")
    assert (server.host, server.port, server.authority) == ("127.0.0.1", listening, f"localhost:{listening}")
    assert path == "/chat/"


def test_without_a_compiler_it_says_how_to_get_one(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot() -> None:
        raise CannotBuild("there is no C compiler here")

    monkeypatch.setattr(command, "load_program", cannot)
    with pytest.raises(SystemExit, match=r"^teahouse bench: there is no C compiler here$"):
        bench([f"http://127.0.0.1:{listening}/"])


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--members", "0"], "'0' is not a number from 1 to 60000"),
        (["--in-flight", "x"], "'x' is not a number"),
        (["--seconds", "nan"], "'nan' is not a number of seconds"),
        (["--seconds", "0"], "'0' is not a number of seconds"),
    ],
)
def test_a_number_that_cannot_be_is_told(words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench(words)
    assert wrong in capsys.readouterr().err


def test_what_was_measured_is_told_with_lost_and_twice() -> None:
    text = "\n".join(told(Outcome(ARRIVAL, [WINDOW | {"lost": 7, "twice": 2}]), 100))
    assert "came in      100 in 0.50 s (200/s)" in text
    assert "deliveries   100,000 (50,000/s)" in text
    assert "p50 1.25 ms, p99 3.50 ms" in text
    assert "lost         7" in text
    assert "twice        2" in text
    assert "UNFINISHED" not in text


def test_what_was_not_finished_is_told() -> None:
    text = "\n".join(told(Outcome(ARRIVAL, [WINDOW | {"complete": 1, "cut_off": 12, "p50_ms": None}]), 100))
    assert "p50 never" in text
    assert "UNFINISHED   12 deliveries" in text


def test_lines_that_closed_are_told_with_the_first_reason() -> None:
    text = "\n".join(told(Outcome(ARRIVAL, [WINDOW | {"closed": 3, "first_close": "1001 going away"}]), 100))
    assert "closed       3 lines; the first said: 1001 going away" in text


def test_a_load_that_met_the_limits_is_told_how_to_lift_them() -> None:
    text = "\n".join(told(Outcome(ARRIVAL, [WINDOW | {"refused": 3, "first_refusal": "rate_limited"}]), 100))
    assert "refused      3 messages; the first as rate_limited" in text
    assert "TEAHOUSE_LIMITS=off" in text
    text = "\n".join(told(Outcome(ARRIVAL, [WINDOW | {"refused": 3, "first_refusal": "overloaded"}]), 100))
    assert "refused      3 messages; the first as overloaded" in text
    assert "TEAHOUSE_LIMITS" not in text


@pytest.mark.parametrize("said", ["refused: HTTP/1.1 429 Too Many Requests", "refused: rate_limited: too fast"])
def test_members_that_the_limits_keep_out_are_told_how_to_lift_them(
    listening: int, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise LoadFailed(said)

    monkeypatch.setattr(command, "load_program", lambda: Path("load"))
    monkeypatch.setattr(Load, "run", refuse)
    with pytest.raises(SystemExit, match="TEAHOUSE_LIMITS=off"):
        bench([f"http://127.0.0.1:{listening}/"])


def test_members_that_never_got_in_are_told() -> None:
    text = "\n".join(told(Outcome(ARRIVAL | {"opened": 60, "first_close": "1013"}, []), 100))
    assert "UNFINISHED   40 of 100 never got in. 1013" in text


def test_a_load_that_may_be_the_limit_warns_and_one_that_is_not_does_not() -> None:
    assert "may be the limit" in "\n".join(warnings(Outcome(ARRIVAL, [WINDOW | {"busy": 0.97}]), LOOPBACK))
    assert "may be the limit" not in "\n".join(warnings(Outcome(ARRIVAL, [WINDOW]), LOOPBACK))


def test_a_server_on_this_machine_is_told_and_one_elsewhere_is_not() -> None:
    assert "share this machine" in "\n".join(warnings(Outcome(ARRIVAL, [WINDOW]), LOOPBACK))
    assert warnings(Outcome(ARRIVAL, [WINDOW]), Server("192.0.2.7", 80)) == []
