"""Reports the results: a table by category, and JSON to compare the next run with."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.evaluations.conversations import Result


def passed_titles(results: Sequence[Result]) -> list[str]:
    """The titles of the cases that passed."""
    return [result.case.title for result in results if not result.problems]


def table(results: Sequence[Result], earlier: set[str] | None) -> str:
    """The scores by category, the failures with reasons, and the changes since an earlier run."""
    lines = [f"  {'category':<12}{'passed':>8}"]
    categories = dict.fromkeys(result.case.category for result in results)
    for category in [*categories, None]:
        of = [result for result in results if category in {None, result.case.category}]
        score = f"{len(passed_titles(of))}/{len(of)}"
        lines.append(f"  {category or 'all':<12}{score:>8}")
    failed = [result for result in results if result.problems]
    if failed:
        lines.append("\n  failed")
        lines += [f"  - {result.case.title}: {'; '.join(result.problems)}" for result in failed]
    if earlier is not None:
        now = set(passed_titles(results))
        lines += _changes("better than the last time", sorted(now - earlier))
        lost = earlier & {result.case.title for result in failed}
        lines += _changes("worse than the last time", sorted(lost))
    return "\n".join(lines)


def _changes(heading: str, titles: list[str]) -> list[str]:
    return [f"\n  {heading}", *(f"  - {title}" for title in titles)] if titles else []


def read_passed(path: Path) -> set[str] | None:
    """The cases that passed in the last run, or None if there was no run."""
    return set(json.loads(path.read_text("utf-8"))["passed"]) if path.exists() else None


def write(path: Path, model: str, results: Sequence[Result]) -> None:
    """Save the results for the next run."""
    report = {
        "model": model,
        "passed": passed_titles(results),
        "failed": {result.case.title: result.problems for result in results if result.problems},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
