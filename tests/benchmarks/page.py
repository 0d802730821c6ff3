"""Writes the page with the results of the last runs and the notes that were written by hand."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.plots import ratios
from tests.benchmarks.results import RESULTS, Figure, Results, number

_HEAD = """\
# Benchmarks

Made by `make bench` from the JSON files beside it; do not edit. What is said in words comes from
the files in [notes](notes).

Each figure is a median, beside that of a peer: both are measured in one run, by turns, from byte
code, each on one core, and what asks has the other. Compare ratios between runs: seconds depend on
the machine and on who else uses it. In the plots the line is the peer, a mark is the target, green
meets it and red misses it.
"""


def write_page(folder: Path = RESULTS) -> None:
    """Write the page and its plots from the JSON files of a folder."""
    for name, content in files(folder).items():
        (folder / name).write_text(content)


def files(folder: Path) -> dict[str, str]:
    """The page and its plots, by name."""
    runs = [Results.read(path) for path in sorted(folder.glob("*.json"))]
    made = {"README.md": "\n".join([_HEAD, *_summary(runs), *_sections(runs, folder)])}
    for run in runs:
        if plot := ratios(run.title, run.figures):
            made[f"{run.name}.svg"] = plot
    return made


def _summary(runs: list[Results]) -> Iterator[str]:
    bounded = [figure for run in runs for figure in run.figures if figure.target]
    missed = [figure for figure in bounded if not figure.met]
    yield f"{len(bounded) - len(missed)} of {len(bounded)} targets are met.\n"
    if missed:
        yield "| missed | measured | target | by |"
        yield "|---|---:|---|---:|"
        yield from (
            _missed(run, figure) for run in runs for figure in run.figures if figure.met is False
        )
        yield ""


def _missed(run: Results, figure: Figure) -> str:
    assert figure.target is not None
    assert figure.bounded is not None
    by = abs(figure.bounded / figure.target.value - 1)
    measured = f"{number(figure.bounded)}{_unit(figure)}"
    where = f"[{run.title}](#{run.title.lower().replace(' ', '-')})"
    return (
        f"| {where}: {figure.name} | {measured} | {figure.target.words(figure.unit)} | {by:.0%} |"
    )


def _unit(figure: Figure) -> str:
    return "" if figure.target and figure.target.of == "ratio" else f" {figure.unit}"


def _sections(runs: list[Results], folder: Path) -> Iterator[str]:
    for run in runs:
        about, by_figure = _notes(folder / "notes" / f"{run.name}.md")
        yield f"## {run.title}\n"
        if about:
            yield f"{about}\n"
        if ratios(run.title, run.figures):
            yield f"![{run.title}, as parts of the peer's]({run.name}.svg)\n"
        yield "| | ours | peer | | ratio | target | |"
        yield "|---|---:|---:|---|---:|---|---|"
        yield from (_row(figure) for figure in run.figures)
        yield f"\n{run.when}, medians of {run.rounds}; {run.machine}.\n"
        for figure in run.figures:
            if figure.met is False:
                note = by_figure.get(figure.name, "Nobody has looked into it yet.")
                yield f"**Missed: {figure.name}.** {note}\n"


def _row(figure: Figure) -> str:
    name = f"{figure.name}<br><sub>{figure.what}</sub>" if figure.what else figure.name
    peer, peer_name = "", ""
    if figure.peer is not None:
        peer, peer_name = f"{number(figure.peer)} {figure.unit}", figure.peer_name
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    target = figure.target.words(figure.unit) if figure.target else ""
    verdict = {True: "met", False: "**missed**", None: ""}[figure.met]
    ours = f"{number(figure.ours)} {figure.unit}"
    return f"| {name} | {ours} | {peer} | {peer_name} | {ratio} | {target} | {verdict} |"


def _notes(path: Path) -> tuple[str, dict[str, str]]:
    """A file's text about the benchmark and, by heading, about figures that miss their target."""
    if not path.exists():
        return "", {}
    about, *parts = path.read_text().split("\n## ")
    notes = {}
    for part in parts:
        heading, _, note = part.partition("\n")
        notes[heading.strip()] = note.strip()
    return about.strip(), notes
