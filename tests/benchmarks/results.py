"""The results of a benchmark, which all benchmarks save in one JSON format for the page."""

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
    """A limit for our figure, its ratio to the peer's, or its difference from the peer's."""

    value: float
    of: Of
    least: bool = False
    """Whether `value` is a minimum. Otherwise it is a maximum."""

    def is_met(self, measured: float) -> bool:
        """Whether `measured` meets the target. It must be the quantity that `of` names."""
        return measured >= self.value if self.least else measured <= self.value

    def words(self, unit: str) -> str:
        """The target as shown in a table. `unit` is the unit of our figure."""
        bound = f"{'≥' if self.least else '≤'} {self.value:g}"
        return {
            "ours": f"{bound} {unit}",
            "ratio": f"ratio {bound}",
            "difference": f"{bound} {unit} more",
        }[self.of]


def at_most(value: float, of: Of = "ratio") -> Target:
    """A target with a maximum."""
    return Target(value=value, of=of)


def at_least(value: float, of: Of = "ratio") -> Target:
    """A target with a minimum."""
    return Target(value=value, of=of, least=True)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity. `peer` is None if there is nothing to compare it with."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    what: str = ""
    """Further explanation of the figure."""
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """Our figure divided by the peer's."""
        return self.ours / self.peer if self.peer else None

    @property
    def bounded(self) -> float | None:
        """The quantity that the target limits."""
        if self.target is None:
            return None
        if self.target.of == "ours":
            return self.ours
        assert self.peer is not None, f"{self.name} has a target beside a peer, and no peer"
        return self.ratio if self.target.of == "ratio" else self.ours - self.peer

    @property
    def met(self) -> bool | None:
        """Whether the target is met, or None if there is no target."""
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
    """A figure with the medians of both sides' measurements."""
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
    """All results of one run of a benchmark."""

    name: str
    """The name of the benchmark's folder and of the JSON file."""
    title: str
    figures: list[Figure]
    rounds: int
    when: str
    machine: str

    @classmethod
    def of(cls, name: str, title: str, figures: Sequence[Figure], *, rounds: int) -> Self:
        """The results of a run that ends now, on this machine."""
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
        """Print the figures and save them for the page. Returns the process's exit status."""
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
        """The content of the JSON file, including derived values."""
        figures = [
            {**asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in self.figures
        ]
        return {**asdict(self), "figures": figures}

    @classmethod
    def read(cls, path: Path) -> Self:
        """The results in a file that `finish` wrote."""
        found = json.loads(path.read_text())
        figures = [_figure(each) for each in found.pop("figures")]
        return cls(figures=figures, **found)


def _figure(found: dict[str, Any]) -> Figure:
    target = found.pop("target")
    del found["ratio"], found["met"]
    return Figure(target=Target(**target) if target else None, **found)


def number(value: float) -> str:
    """The number as text, with about three significant digits."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def processor() -> str:
    """The model of this machine's processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
