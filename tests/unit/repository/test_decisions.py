"""The index of the decisions names each of them, and no two have one number."""

import re
from pathlib import Path

ADR = Path(__file__).resolve().parents[3] / "docs" / "adr"
INDEX = re.compile(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| \w+ \| \d{4}-\d\d-\d\d \|$", re.MULTILINE)


def test_the_index_names_every_decision_once() -> None:
    indexed = INDEX.findall((ADR / "README.md").read_text("utf-8"))
    decisions = [
        (*path.read_text("utf-8").partition("\n")[0].removeprefix("# ").split(". ", 1), path.name)
        for path in sorted(ADR.glob("0*.md"))
    ]

    assert indexed == decisions
    numbers = [int(number) for number, _, _ in indexed]
    assert numbers == sorted(set(numbers))
    assert all(name.startswith(f"{int(number):04}-") for number, _, name in indexed)
