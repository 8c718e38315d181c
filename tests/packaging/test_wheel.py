"""The wheel, built and installed as a user would, into an environment that has nothing else."""

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.servers.asgi import ROOT, TEAHOUSE_IS_READY, ServerStarter


def run(*command: str | Path) -> None:
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def locked_versions(folder: Path) -> Path:
    """The lock as constraints: its versions without its hashes, so that the wheel itself says what it needs."""
    lock = (ROOT / "requirements" / "run.txt").read_text()
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^(\S+==[^\\\n]+?) *\\?$", lock, re.MULTILINE)))
    return constraints


def test_the_wheel_alone_serves_a_room_in_an_empty_environment(tmp_path: Path, start_server: ServerStarter) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "empty")
    program = tmp_path / "empty" / "bin" / "teahouse"
    run(program.with_name("pip"), "install", "--no-compile", "--constraint", locked_versions(tmp_path), wheel)

    server = start_server.start(
        lambda port: [str(program), "serve", "--port", str(port)],
        folder=tmp_path,
        environment={"TEAHOUSE_DATA": str(tmp_path / "data")},
        ready_text=TEAHOUSE_IS_READY,
    )

    lobby = urllib.request.urlopen(server.url).read().decode()
    style = re.search(r'href="([^"]+\.css)"', lobby)
    assert style, lobby
    assert urllib.request.urlopen(server.url + style[1]).headers["content-type"].startswith("text/css")
    room = urllib.request.urlopen(f"{server.url}/room/lobby/").read().decode()
    assert 'data-teahouse-room="lobby"' in room
    loaded = Path(f"/proc/{server.pid}/maps").read_text()
    assert "/uvloop/" in loaded, "what makes it fast comes with it"
    assert "/httptools/" in loaded
