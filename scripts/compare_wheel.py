"""Compares a built wheel with the files under src/, so that no template, static file or translation stays behind."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    in_wheel = {name for name in zipfile.ZipFile(sys.argv[1]).namelist() if ".dist-info/" not in name}
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "src"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    in_source = {name.removeprefix("src/") for name in listed.split("\0") if name and (ROOT / name).exists()}
    for name in sorted(in_source - in_wheel):
        print(f"not in the wheel: {name}")
    for name in sorted(in_wheel - in_source):
        print(f"in the wheel, and not in the source: {name}")
    return int(in_source != in_wheel)


if __name__ == "__main__":
    sys.exit(main())
