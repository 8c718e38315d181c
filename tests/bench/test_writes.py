"""The bench of durable sends: it still writes through the writer, beside SQLite alone, and finds all that it sent."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "writes.py"


def test_sends_are_measured_together_and_alone(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(BENCH), "--json", "--sends", "1000", "--runs", "1", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    for authors in ("1 authors", "500 authors"):
        assert len(found[authors]["writer_runs"]) == len(found[authors]["raw_runs"]) == 1
        assert found[authors]["percent"] > 0
    assert found["alone"]["milliseconds"] > 0
