"""The bench of reads: it still fills the tables as they are, and measures each read in each room."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "reads.py"


def test_each_read_is_measured_in_each_room() -> None:
    ran = subprocess.run(
        [sys.executable, str(BENCH), "--json", "--sizes", "300,100", "--rounds", "1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(ran.stdout)
    assert {"page at a permalink", "page by date", "unread in 100 rooms"} < set(found["reads"])
    for read in found["reads"].values():
        assert 1 <= read["queries"] <= 2
        assert list(read["sizes"]) == ["100", "300"]
        assert read["sizes"]["100"]["ratio"] == 1.0
        assert read["sizes"]["300"]["ms"] > 0
