"""The runner of test levels: nothing hidden, nothing left behind, the right exit code."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

TESTS = Path(__file__).parents[2]
FOLDER = TESTS.parent / "make"

MAKE = """#!/bin/bash
case "$2" in
  good) echo "====== 3 passed, 1 skipped in 0.12s ======" ;;
  page) echo " Test Files  2 passed (2)"; echo "      Tests  14 passed (14)" ;;
  bad)  echo "what went wrong"; echo "1 failed, 2 passed in 0.12s"; exit 2 ;;
  endless) exec sleep "$NAP" ;;
  first) sleep 0.3; touch first-ended ;;
  second) [ -e first-ended ] || exit 1 ;;
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """A stand-in of `make`, each of whose targets is a level that ends in its own way."""
    path = tmp_path / "make"
    path.write_text(MAKE)
    path.chmod(0o755)
    return path


@pytest.fixture
def nap() -> str:
    """Seconds to sleep, by which to know the process that does."""
    return f"987.{uuid4().int}"


def start(make: Path, *levels: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, FOLDER / "levels.py", *levels],
        cwd=make.parent,
        env={**os.environ, "MAKE": str(make), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )


def run(make: Path, *levels: str) -> tuple[int, str]:
    process = start(make, *levels)
    output, _ = process.communicate()
    return process.returncode, re.sub(r"\d+:\d\d", "0:00", output)


def sleepers(seconds: str) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if process.info["cmdline"] == ["sleep", seconds]]


def test_each_level_has_a_line_and_passes(make: Path) -> None:
    status, output = run(make, "good", "page")

    assert status == 0
    good = "✓ good                  0:00  3 passed, 1 skipped in 0.12s"
    page = "✓ page                  0:00  14 passed (14)"
    assert f"{good}\n{page}\n" in output
    assert output.endswith("\nlevels: 2 passed, 0 failed\n")


def test_a_failed_level_shows_its_output_and_hides_no_other(make: Path) -> None:
    status, output = run(make, "bad", "good")

    assert status == 1
    assert "what went wrong\n" in output
    assert "✗ bad                   0:00  1 failed, 2 passed in 0.12s\n✓ good" in output
    assert output.endswith("\nlevels: 1 passed, 1 failed\n")
    assert "what went wrong" in (make.parent / "test-results/bad.log").read_text()


def test_a_level_waits_for_the_one_that_it_names(make: Path) -> None:
    assert run(make, "first", "second:first")[0] == 0
    (make.parent / "first-ended").unlink()
    assert run(make, "first", "good", "--alone", "second")[0] == 0
    assert run(make, "bad", "good:bad")[1].endswith("levels: 1 passed, 1 failed\n")


@pytest.mark.parametrize(
    ("seconds", "script", "said"),
    [
        ("60", "setsid sleep $NAP & true", "Processes were left behind:"),
        ("1", "trap '' INT; sleep $NAP", "It took too long."),
    ],
)
def test_what_a_command_leaves_behind_fails_it_and_is_ended(
    seconds: str, script: str, said: str, nap: str
) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / "contained.py", seconds, "0.2", "bash", "-c", script],
        env={**os.environ, "NAP": nap},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert said in done.stdout
    assert f"sleep {nap}" in done.stdout
    assert sleepers(nap) == []


def test_ctrl_c_works_in_what_a_run_in_the_background_starts() -> None:
    # What a shell does to a command that ends in `&`.
    ignored = [
        "python3",
        "-c",
        "import os, signal; print(signal.getsignal(signal.SIGINT).__name__)",
    ]
    contained = " ".join([sys.executable, str(FOLDER / "contained.py"), "60", "10"])

    said = subprocess.run(
        ["bash", "-c", f"trap '' INT; exec {contained} \"$@\"", "bash", *ignored],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout

    assert said == "default_int_handler\n"


def test_the_exit_code_is_that_of_the_command() -> None:
    contained = [sys.executable, str(FOLDER / "contained.py"), "60", "10"]

    assert subprocess.run([*contained, "true"], check=False).returncode == 0
    assert subprocess.run([*contained, "bash", "-c", "exit 3"], check=False).returncode == 3


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_levels(make: Path, nap: str, sent: signal.Signals) -> None:
    process = start(make, "endless", NAP=nap)
    while not (started := sleepers(nap)):
        time.sleep(0.05)

    process.send_signal(sent)

    process.communicate()
    assert process.returncode == 130
    assert not any(level.is_running() for level in started)


def test_every_folder_of_tests_belongs_to_a_level() -> None:
    named = set(re.findall(r"\btests/(\w+)", (FOLDER / "test.mk").read_text()))

    assert {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")} <= named
