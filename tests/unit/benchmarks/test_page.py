"""The benchmarks' page, from the results that runs leave behind."""

from pathlib import Path

import pytest

from tests.benchmarks.page import files
from tests.benchmarks.results import RESULTS, Figure, Results, Target, at_least, at_most, compare


def _results(*figures: Figure) -> Results:
    return Results.of("some", "Some benchmark", figures, rounds=3)


def _keep(folder: Path, results: Results, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("tests.benchmarks.results.RESULTS", folder)
    return results.finish()


def test_a_figure_is_the_median_of_what_was_measured() -> None:
    figure = compare("start", "s", [3, 1, 2], [8, 4, 5], peer_name="naive")
    assert (figure.ours, figure.peer, figure.ratio, figure.met) == (2, 5, 0.4, None)


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (at_most(0.5), True),
        (at_most(0.4), False),
        (at_least(0.5), True),
        (at_least(0.6), False),
        (at_most(1, "ours"), True),
        (at_most(-1, "difference"), True),
        (at_most(-1.5, "difference"), False),
    ],
)
def test_a_target_bounds_our_figure_its_ratio_or_its_difference(target: Target, met: bool) -> None:
    figure = Figure(name="start", unit="s", ours=1, peer=2, peer_name="naive", target=target)
    assert figure.met is met


def test_results_are_read_as_they_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = Figure(name="a", unit="s", ours=1, peer=2, peer_name="naive", target=at_most(0.4))
    alone = Figure(name="b", unit="MB", ours=1, peer_name="naive")
    results = _results(missed, alone)
    assert _keep(tmp_path, results, monkeypatch) == 1
    assert Results.read(tmp_path / "some.json") == results


def test_the_page_says_what_is_missed_by_how_much_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = Figure(name="a", unit="s", ours=1, peer=2, peer_name="naive", target=at_most(0.4))
    met = Figure(name="b", unit="s", ours=1, peer=9, peer_name="naive", target=at_most(0.4))
    _keep(tmp_path, _results(missed, met), monkeypatch)
    (tmp_path / "notes").mkdir()
    notes = "What it is.\n\n## a\n\nThe imports hold it.\n\n## b\n\nNot to be told.\n"
    (tmp_path / "notes/some.md").write_text(notes)
    page = files(tmp_path)["README.md"]
    assert "1 of 2 targets are met" in page
    assert "| [Some benchmark](#some-benchmark): a | 0.50 | ratio ≤ 0.4 | 25% |" in page
    assert "**Missed: a.** The imports hold it." in page
    assert "What it is." in page
    assert "Not to be told" not in page


def test_the_plot_shows_each_ratio_and_its_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = Figure(name="a & b", unit="s", ours=1, peer=2, peer_name="p", target=at_most(0.4))
    _keep(tmp_path, _results(missed), monkeypatch)
    plot = files(tmp_path)["some.svg"]
    assert 'class="missed"' in plot
    assert 'class="target"' in plot
    assert "a &amp; b" in plot
    assert "prefers-color-scheme: dark" in plot


def test_the_page_in_the_repository_is_made_from_the_results_beside_it() -> None:
    for name, content in files(RESULTS).items():
        assert (RESULTS / name).read_text() == content, f"{name}: python -m tests.benchmarks"
