"""What `teahouse serve` takes of its machine: files, and parts that are written in C, where they are."""

import re
from pathlib import Path

import pytest

from tests.behaviour.chatter import Chatter
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess, python_path


def test_it_may_open_as_many_files_as_it_is_allowed_and_says_nothing(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data", under=limited_files(soft=256, hard=8192))
    assert open_files(server) == ["8192", "8192"]
    assert "WARNING" not in server.log


def test_it_warns_when_it_is_allowed_few_files(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data", under=limited_files(soft=256, hard=1024))
    assert open_files(server) == ["1024", "1024"]
    assert "WARNING teahouse_site: only 1024 files may be open at once" in server.log


def limited_files(soft: int, hard: int) -> list[str]:
    return ["bash", "-c", f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$@"', "bash"]


def open_files(server: ServerProcess) -> list[str]:
    """The process's own limits, soft and hard."""
    limits = Path(f"/proc/{server.pid}/limits").read_text()
    return [*re.findall(r"Max open files\s+(\d+)\s+(\d+)", limits)[0]]


@pytest.mark.parametrize("without", [["uvloop"], ["uvloop", "httptools"]])
async def test_it_serves_the_same_without_the_parts_in_c(
    start_server: ServerStarter, tmp_path: Path, without: list[str]
) -> None:
    for module in without:
        (tmp_path / f"{module}.py").write_text(f"raise ImportError('there is no {module} here')\n")
    server = start_server.teahouse(tmp_path / "data", environment={"PYTHONPATH": python_path(tmp_path)})
    assert not parts_in_c(server) & set(without)
    async with Chatter(server.ws_url, room="lobby") as ann, Chatter(server.ws_url, room="lobby", name="Bob") as bob:
        await ann.post("hello")
        await bob.until_text("hello")
    assert server.stop() == 0
    assert "Traceback" not in server.log


def test_with_them_it_uses_them(start_server: ServerStarter, tmp_path: Path) -> None:
    assert parts_in_c(start_server.teahouse(tmp_path / "data")) == {"uvloop", "httptools"}


def parts_in_c(server: ServerProcess) -> set[str]:
    """Those of the two that the process has loaded."""
    maps = Path(f"/proc/{server.pid}/maps").read_text()
    return {module for module in ("uvloop", "httptools") if f"/{module}/" in maps}
