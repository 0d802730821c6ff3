"""``python -m tests.benchmarks.browser``: the page's size, and how soon a person can use it.

A real browser loads the built page from a real server. It uses the fallback, because OpenAI's
script is not ours to measure. There is no peer: the targets are the page's budgets.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.results import Figure, Results, Target, at_most

FRONTEND = Path(__file__).parents[3] / "frontend"

FIGURES: dict[str, tuple[str, str, Target]] = {
    "scriptKilobytes": (
        "JavaScript before the chat can be used, gzipped",
        "KB",
        at_most(118, "ours"),
    ),
    "usable": ("page asked for → the composer takes text", "ms", at_most(1_000, "ours")),
    "usableWithMany": ("the same, beside 10,000 tasks", "ms", at_most(1_000, "ours")),
    "rowsOfMany": ("page asked for → rows of 10,000 tasks", "ms", at_most(1_000, "ours")),
    "endOfMany": ("scrolled to the last of 10,000 tasks", "ms", at_most(15_000, "ours")),
}
"""The figures, by their names in the browser's part of the benchmark."""


def measure() -> dict[str, list[float]]:
    """Run the browser's part of the benchmark, which is in TypeScript."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as directory:
        path = Path(directory) / "figures.json"
        environment = {**os.environ, "FIGURES": str(path)}
        subprocess.run(
            ["npm", "run", "--silent", "bench"], cwd=FRONTEND, env=environment, check=True
        )
        found: dict[str, list[float]] = json.loads(path.read_text())
        return found


def results(measured: dict[str, list[float]]) -> Results:
    """The medians, with the budgets as targets."""
    figures = [
        Figure(name=name, unit=unit, ours=statistics.median(measured[key]), target=target)
        for key, (name, unit, target) in FIGURES.items()
    ]
    return Results.of("browser", "The page in a browser", figures, rounds=len(measured["usable"]))


if __name__ == "__main__":
    sys.exit(results(measure()).finish())
