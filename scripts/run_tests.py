"""Runs the test suite part by part, then on every other Python and Django that it finds; used by `make test`."""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interpreters import Combination, environment_for, every_combination, interpreter, own_combination

ROOT = Path(__file__).resolve().parents[1]
# Tests of these folders start servers or a browser. All others are unit tests, and together take seconds.
# The longest first, so that two lanes end together.
REAL_PARTS = [
    "tests/behaviour",
    "tests/browser",
    "tests/embedding",
    "tests/tutorial",
    "tests/doctor",
    "tests/servers",
    "tests/packaging",
]
PURE_OR_LIVE = ["tests/protocol", "tests/live", "tests/server"]
CLIENT_TESTS = ["tests/client", "tests/page"]


@dataclass
class Run:
    """What the parts did: one line each, and how many tests passed and failed in all."""

    lines: list[str] = field(default_factory=list)
    passed: int = 0
    failed: int = 0

    def part(self, name: str, command: list[str]) -> None:
        """Runs one part, showing its output as it comes."""
        print(f"\n=== {name}\n", flush=True)
        self._take(name, *shown(command))

    def parts_beside_each_other(self, parts: dict[str, list[str]], lanes: int = 2) -> None:
        """Runs parts beside each other; each shows its output when it is done."""
        with ThreadPoolExecutor(lanes) as beside:
            under_way = {beside.submit(quietly, name, command): name for name, command in parts.items()}
            for done in as_completed(under_way):
                code, output, seconds = done.result()
                print(f"\n=== {under_way[done]}\n\n{output}", flush=True)
                self._take(under_way[done], code, output, seconds)

    def _take(self, name: str, code: int, output: str, seconds: float) -> None:
        passed, failed = counts(output)
        # A runner that fell over, or found no test, counts as one failure.
        failed = max(failed, int(code != 0 or not passed))
        self.passed += passed
        self.failed += failed
        outcome = f"{passed} passed" if not failed else f"{passed} passed, {failed} FAILED"
        self.lines.append(f"{name:<48} {outcome:<24} {seconds:5.0f} s")


def quietly(name: str, command: list[str]) -> tuple[int, str, float]:
    print(f"=== {name} begins", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    return done.returncode, done.stdout, time.monotonic() - started


def shown(command: list[str]) -> tuple[int, str, float]:
    output = []
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            output.append(line)
    return process.returncode, "".join(output), time.monotonic() - started


def counts(output: str) -> tuple[int, int]:
    """Tests passed and failed, by pytest's last line or by node's closing lines."""
    tail = "\n".join(output.splitlines()[-12:])

    def number(*patterns: str) -> int:
        return sum(int(found) for pattern in patterns for found in re.findall(pattern, tail, re.MULTILINE))

    passed = number(r"\b(\d+) passed", r"^# pass (\d+)$")
    failed = number(r"\b(\d+) failed", r"\b(\d+) errors?\b", r"^# fail (\d+)$")
    return passed, failed


def pytest(python: Path | str, *arguments: str) -> list[str]:
    return [str(python), "-m", "pytest", "--quiet", *arguments]


def unit_arguments() -> list[str]:
    return [f"--ignore={folder}" for folder in REAL_PARTS]


def run_unit_tests(run: Run) -> None:
    scripts = sorted(str(path.relative_to(ROOT)) for folder in CLIENT_TESTS for path in client_tests(ROOT / folder))
    run.parts_beside_each_other(
        {
            "unit tests of chat on SQLite": pytest(sys.executable, "tests/chat"),
            "all other unit tests on SQLite": pytest(
                sys.executable, *unit_arguments(), *(f"--ignore={folder}" for folder in ["tests/chat", *PURE_OR_LIVE])
            ),
            "JavaScript": ["node", "--test", "--test-reporter=tap", *scripts],
            "unit tests of protocol and live on SQLite": pytest(sys.executable, *PURE_OR_LIVE),
        },
        lanes=4,
    )


def client_tests(folder: Path) -> list[Path]:
    return [*folder.rglob("*.test.js"), *folder.rglob("*_test.js"), *folder.rglob("test_*.js")]


def run_matrix(run: Run) -> None:
    own = own_combination()
    run.lines.append(f"{own!s:<48} all of the above")
    for combination in every_combination():
        if combination == own:
            continue
        python = interpreter(combination.python)
        if python is None:
            run.lines.append(f"{combination!s:<48} LEFT OUT: there is no python{combination.python} here")
            continue
        run_combination(run, combination, python)


def run_combination(run: Run, combination: Combination, python: Path) -> None:
    print(f"\n=== making the environment of {combination}", flush=True)
    run.part(f"unit tests on {combination}", pytest(environment_for(combination, python), *unit_arguments()))


def main() -> int:
    run = Run()
    run_unit_tests(run)
    if sys.argv[1:] != ["unit"]:
        on_postgres = pytest(sys.executable, *unit_arguments(), "--ds=tests.settings.postgres")
        real_parts = {folder: pytest(sys.executable, folder) for folder in REAL_PARTS}
        run.parts_beside_each_other({**real_parts, "unit tests on PostgreSQL": on_postgres})
        run_matrix(run)
    print("\n=== what ran\n")
    print("\n".join(run.lines))
    print(f"\n{run.passed} passed, {run.failed} failed")
    return int(run.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
