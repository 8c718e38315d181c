"""What the figures were measured on and with: hardware and versions, read from the machine; named in the results."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.processes import ROOT
from bench.stacks import RIVALS

PACKAGES = ("Django", "channels", "channels_redis", "daphne", "uvicorn", "uvloop", "httptools", "websockets", "msgspec")
NODE_PACKAGES = ("ws", "socket.io")


def described() -> dict[str, Any]:
    """Return it as one record, without anything that names the machine."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _said("git", "rev-parse", "--short=10", "HEAD"),
        "changed": bool(_said("git", "status", "--porcelain", "--", "src")),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "system": f"Linux {platform.release().split('-')[0]}",
        "fdatasync_ms": round(_fdatasync_seconds() * 1000, 3),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    found |= {name: version(name) for name in PACKAGES}
    found["Node"] = _said("node", "--version").removeprefix("v")
    for name in NODE_PACKAGES:
        found[name] = json.loads((RIVALS / "node_modules" / name / "package.json").read_text())["version"]
    redis = re.search(r"v=(\S+)", _said("redis-server", "--version"))
    found["Redis"] = redis[1] if redis else "?"
    return found


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _fdatasync_seconds() -> float:
    """What the disk takes to promise one page, in the middle of 200."""
    took = []
    with tempfile.NamedTemporaryFile(prefix="teahouse-bench-") as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
