"""Runs levels of checks or tests concurrently, and reports each result.

    levels.py [--at-once N] LEVEL[:AFTER] ... [--alone LEVEL ...]

A level is a make target. At most N run at a time, in the order given. A level with AFTER starts
when that level has ended, even if it failed. Levels that run alone come last. If a level fails, its
output is shown as soon as it ends, the others still run, and the exit code is 1. Each level's whole
output is kept in `test-results/`.
"""

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path("test-results")
LEVEL_SECONDS = 30 * 60
GRACE_SECONDS = 10
"""How long a level's child processes may run after it has ended."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TALLY = re.compile(r"^ *(?:Tests  |=+ |)(\d+ (?:passed|failed|skipped|error).*?)(?: =+)?$")


@dataclass(frozen=True)
class Outcome:
    """The result of a level."""

    name: str
    passed: bool
    seconds: float
    output: str

    def __str__(self) -> str:
        mark = "✓" if self.passed else "✗"
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{mark} {self.name:<20} {minutes:>2}:{seconds:02}  {self.tally}".rstrip()

    @property
    def tally(self) -> str:
        """The numbers of passed and failed tests, if the level's output has them."""
        lines = _COLOURS.sub("", self.output).splitlines()
        return next((found[1] for line in reversed(lines) if (found := _TALLY.match(line))), "")


class Levels:
    """The levels of one run."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._running: dict[str, asyncio.Task[Outcome]] = {}

    async def run(self, levels: Sequence[str]) -> list[Outcome]:
        """Run all levels and return their results in the order given."""
        async with asyncio.TaskGroup() as group:
            for level in levels:
                name, _, before = level.partition(":")
                self._running[name] = group.create_task(self._run_in_turn(name, before))
        return [task.result() for task in self._running.values()]

    async def _run_in_turn(self, name: str, before: str) -> Outcome:
        if before:
            await asyncio.wait([self._running[before]])
        async with self._free:
            outcome = await run_level(name)
        if not outcome.passed:
            show(f"\n{f' {name} ':=^100}\n{outcome.output.strip()}\n{'=' * 100}\n")
        show(str(outcome))
        return outcome


async def run_level(name: str) -> Outcome:
    """Run a make target, for at most `LEVEL_SECONDS`."""
    began_at = time.monotonic()
    log = RESULTS / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(__file__).with_name("contained.py"))),
            *(str(LEVEL_SECONDS), str(GRACE_SECONDS)),
            *(os.environ.get("MAKE", "make"), "--no-print-directory", name),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C goes to this process, which then ends the level
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
    text = log.read_text(errors="replace")
    return Outcome(name, status == 0, time.monotonic() - began_at, text)


def show(text: str) -> None:
    print(text, flush=True)


async def run_all(levels: Sequence[str], at_once: int, alone: Sequence[str]) -> list[Outcome]:
    """Run levels concurrently, then those that run alone; returns their results."""
    return await Levels(at_once).run(levels) + await Levels(1).run(alone)


async def main(levels: Sequence[str], at_once: int, alone: Sequence[str]) -> int:
    """Run the levels and print a line for each."""
    began_at = time.monotonic()
    running = asyncio.ensure_future(run_all(levels, at_once, alone))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    outcomes = await running
    minutes, seconds = divmod(round(time.monotonic() - began_at), 60)
    failed = sum(not outcome.passed for outcome in outcomes)
    show("\n".join(["", *map(str, outcomes), f"{'':<22} {minutes:>2}:{seconds:02}  in all", ""]))
    show(f"levels: {len(outcomes) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--alone", nargs="+", default=[])
    parser.add_argument("levels", nargs="+")
    arguments = parser.parse_args()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    try:
        sys.exit(asyncio.run(main(arguments.levels, arguments.at_once, arguments.alone)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
