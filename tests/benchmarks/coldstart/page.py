"""The page that tells what the last run measured."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ABOUT = """\
# Benchmarks

Made by `make bench`; do not edit. Each figure stands beside a peer's of the same run.

## Cold start

Each start is a new process on one core; what asks, the model and Postgres have the other. Both
sides run from byte code, by turns. Ours are the built functions in the emulator of Lambda. The peer
is [a naive application](../../tests/benchmarks/coldstart/naive.py): FastAPI under uvicorn, with the
same locked packages as pip installs them, and everything imported at its top.

Seconds depend on who else uses the machine. Processor time until the same moment hardly does, and
is the figure to compare between runs. "Restored" is measured from SnapStart's restore: a process
stopped where the snapshot is taken stands in for it, so that its memory is there at once, which it
is not in Lambda. The peer has no such thing and starts anew.

What holds the rest: of our processor time until the first token, half goes into what every request
needs (pydantic, chatkit's types and widgets, psycopg, cryptography), a third into importing agents
and openai without what is [left out](../adr/0029-imports-that-are-left-out.md), and the rest into
pydantic's validators, a TLS context and the run itself. Of the memory, 20 MB come with the first
answer: validators and the TLS context.
"""


def write_page(path: Path, results: dict[str, Any]) -> None:
    """Write the page, and the results as JSON beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name("coldstart.json").write_text(json.dumps(results, indent=1) + "\n")
    machine = f"{results['cores']} cores ({platform.machine()}), load {results['load']:.0f}"
    python = f"CPython {platform.python_version()}"
    lines = [
        ABOUT,
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {python}, medians of {results['rounds']}.",
        "",
        "| | ours | naive | ratio | processor: ours | naive | ratio | target | |",
        "|---|---:|---:|---:|---:|---:|---:|---|---|",
        *(_row(figure) for figure in results["figures"]),
        "",
    ]
    path.write_text("\n".join(lines))


def _row(figure: dict[str, Any]) -> str:
    processor = [figure.get(f"{part}_processor") for part in ("ours", "naive", "ratio")]
    numbers = [figure["ours"], figure["naive"], figure["ratio"], *processor]
    cells = ["" if number is None else f"{number:.2f}" for number in numbers]
    verdict = "met" if figure["met"] else "**missed**"
    return f"| {figure['name']} | {' | '.join(cells)} | {figure['target']} | {verdict} |"
