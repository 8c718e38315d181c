"""Tests of how the load is called and how its lines are read, without running it."""

import json
from pathlib import Path

import pytest

from teahouse_site.bench.load import (
    REFUSED,
    UNFINISHED,
    Dialect,
    Load,
    LoadFailed,
    Outcome,
    Server,
    read_outcome,
    teahouse,
)

ARRIVAL = {"members": 2, "opened": 2, "connect_seconds": 0.5, "first_close": ""}
WINDOW = {"window": 4, "messages": 10, "complete": 10, "lost": 0, "twice": 0}


def lines(*found: dict[str, object]) -> str:
    return "".join(json.dumps(line) + "\n" for line in found)


def test_the_first_line_is_how_members_came_and_each_other_is_a_window() -> None:
    outcome = read_outcome(0, lines(ARRIVAL, WINDOW, WINDOW | {"window": 64}), "")
    assert outcome.arrival == ARRIVAL
    assert [window["window"] for window in outcome.windows] == [4, 64]
    assert outcome.is_whole


def test_a_run_that_was_cut_off_is_read_and_is_not_whole() -> None:
    outcome = read_outcome(UNFINISHED, lines(ARRIVAL, WINDOW | {"complete": 9}), "")
    assert outcome.windows[0]["complete"] == 9
    assert not outcome.is_whole


def test_a_run_into_which_not_all_got_is_not_whole() -> None:
    assert not read_outcome(UNFINISHED, lines(ARRIVAL | {"opened": 1}), "").is_whole
    assert not Outcome({"members": 2, "opened": 1}, []).is_whole


def test_a_load_that_could_not_measure_fails_with_its_last_line() -> None:
    with pytest.raises(LoadFailed, match=r"^cannot connect: Connection refused$"):
        read_outcome(2, "", "something\ncannot connect: Connection refused\n")
    with pytest.raises(LoadFailed, match="ended with -9"):
        read_outcome(-9, "", "")


def test_a_refusal_is_told_by_its_own_text() -> None:
    said = 'refused: "error":{"code":"bad_room_name","text":"room name \\"a/b\\" holds /"}}]}'
    with pytest.raises(LoadFailed, match=r'^refused: bad_room_name: room name "a/b" holds /$'):
        read_outcome(REFUSED, "", said)


def test_teahouse_posts_numbered_keys_and_comes_in_by_hello() -> None:
    dialect = teahouse("群聊", known={"epoch": "e", "seq": 3}, level='"upto":9')
    post = dialect.template.replace("%n", "7").replace("%s", "hello")
    assert json.loads(post) == {"type": "post", "id": 7, "room": "群聊", "key": "k7", "text": "hello"}
    ((wait, send), level) = dialect.steps
    assert wait == ""
    assert json.loads(send)["rooms"] == [{"room": "群聊", "epoch": "e", "seq": 3}]
    assert level == ('"upto":9', "")


def test_the_command_has_each_step_in_its_order() -> None:
    dialect = Dialect("/x", steps=(("a", "b"), ("c", "")))
    command = Load(Path("/load"), under=["taskset", "-c", "1"]).command(
        Server("127.0.0.1", 5), dialect, 3, "--hold", "1"
    )
    assert command[:4] == ["taskset", "-c", "1", "/load"]
    assert command[command.index("--wait") :][:8] == ["--wait", "a", "--send", "b", "--wait", "c", "--send", ""]
    assert command[command.index("--authority") + 1] == "127.0.0.1:5"
    assert command[-4:] == ["--members", "3", "--hold", "1"]
    assert "--protocol" not in command
