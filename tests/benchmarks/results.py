"""What a benchmark measured, in the one shape that all of them keep: a JSON file for the page."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

RESULTS = Path(__file__).parents[2] / "docs/benchmarks"

Of = Literal["ours", "ratio", "difference"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A bound of our figure, of its ratio to the peer's, or of what it has more than the peer's."""

    value: float
    of: Of
    least: bool = False
    """Whether the bound is the least that will do; otherwise it is the most."""

    def is_met(self, measured: float) -> bool:
        """Whether `measured`, which is what the target is of, will do."""
        return measured >= self.value if self.least else measured <= self.value

    def words(self, unit: str) -> str:
        """As a table has it; `unit` is that of our figure."""
        bound = f"{'≥' if self.least else '≤'} {self.value:g}"
        return {
            "ours": f"{bound} {unit}",
            "ratio": f"ratio {bound}",
            "difference": f"{bound} {unit} more",
        }[self.of]


def at_most(value: float, of: Of = "ratio") -> Target:
    """The most that will do."""
    return Target(value=value, of=of)


def at_least(value: float, of: Of = "ratio") -> Target:
    """The least that will do."""
    return Target(value=value, of=of, least=True)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing that was measured. Without `peer` there was nothing to compare it with."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    what: str = ""
    """What `name` does not say of it."""
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """Ours as a part of the peer's."""
        return self.ours / self.peer if self.peer else None

    @property
    def bounded(self) -> float | None:
        """What the target is of."""
        if self.target is None:
            return None
        if self.target.of == "ours":
            return self.ours
        assert self.peer is not None, f"{self.name} has a target beside a peer, and no peer"
        return self.ratio if self.target.of == "ratio" else self.ours - self.peer

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        bounded = self.bounded
        if self.target is None or bounded is None:
            return None
        return self.target.is_met(bounded)


def compare(
    name: str,
    unit: str,
    ours: Sequence[float],
    peer: Sequence[float] | None,
    *,
    peer_name: str,
    what: str = "",
    target: Target | None = None,
) -> Figure:
    """The medians of what was measured by turns."""
    return Figure(
        name=name,
        unit=unit,
        ours=statistics.median(ours),
        peer=statistics.median(peer) if peer else None,
        peer_name=peer_name,
        what=what,
        target=target,
    )


@dataclass(frozen=True, kw_only=True)
class Results:
    """All that one run of a benchmark measured."""

    name: str
    """The folder's, and the file's."""
    title: str
    figures: list[Figure]
    rounds: int
    when: str
    machine: str

    @classmethod
    def of(cls, name: str, title: str, figures: Sequence[Figure], *, rounds: int) -> Self:
        """Of a run that ends now, on this machine."""
        load, *_ = os.getloadavg()
        machine = (
            f"{os.cpu_count()} cores ({processor()}), load {load:.1f} at the end, "
            f"CPython {platform.python_version()}"
        )
        when = datetime.now(UTC).isoformat(timespec="minutes")
        return cls(
            name=name, title=title, figures=[*figures], rounds=rounds, when=when, machine=machine
        )

    @property
    def met(self) -> bool:
        """Whether no target is missed."""
        return all(figure.met is not False for figure in self.figures)

    def finish(self) -> int:
        """Print the figures and keep them for the page; returns the process's exit status."""
        print(f"\n{self.title}: medians of {self.rounds}, {self.machine}")
        for figure in self.figures:
            peer = "" if figure.peer is None else f"{figure.peer_name} {number(figure.peer)}"
            ratio = "" if figure.ratio is None else f"ratio {figure.ratio:.2f}"
            line = f"  {figure.name:60}{number(figure.ours):>9} {figure.unit:9}{peer:40}{ratio:12}"
            if figure.target:
                verdict = "met" if figure.met else "MISSED"
                line += f"{figure.target.words(figure.unit)}: {verdict}"
            print(line.rstrip())
        RESULTS.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.as_json(), indent=1, ensure_ascii=False)
        (RESULTS / f"{self.name}.json").write_text(text + "\n")
        return 0 if self.met else 1

    def as_json(self) -> dict[str, Any]:
        """As the file has it: what follows from the rest stands there, too."""
        figures = [
            {**asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in self.figures
        ]
        return {**asdict(self), "figures": figures}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Those of a file that `finish` wrote."""
        found = json.loads(path.read_text())
        figures = [_figure(each) for each in found.pop("figures")]
        return cls(figures=figures, **found)


def _figure(found: dict[str, Any]) -> Figure:
    target = found.pop("target")
    del found["ratio"], found["met"]
    return Figure(target=Target(**target) if target else None, **found)


def number(value: float) -> str:
    """Three digits that count, and no more."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def processor() -> str:
    """The model of this machine's processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
