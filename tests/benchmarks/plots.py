"""Plots as SVG, readable on a light and on a dark page."""

from collections.abc import Iterator, Sequence
from html import escape

from tests.benchmarks.results import Figure

_WIDTH, _ROW, _TOP = 860, 26, 30
_LEFT, _RIGHT = 400, 90
_LONGEST = 2.0
"""The ratio at which a bar is cut off."""

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #59636e }
.line { stroke: #59636e; stroke-width: 1; stroke-dasharray: 3 3 }
.target { stroke: #1f2328; stroke-width: 2 }
.met { fill: #2da44e } .missed { fill: #cf222e } .plain { fill: #6e7fa3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  .line { stroke: #9198a1 } .target { stroke: #f0f6fc }
  .met { fill: #3fb950 } .missed { fill: #f85149 } .plain { fill: #8b9dc3 }
}
"""


def ratios(title: str, figures: Sequence[Figure]) -> str:
    """A bar for each ratio of our figure to the peer's, with target marks. "" if there is none."""
    compared = [(figure, figure.ratio) for figure in figures if figure.ratio is not None]
    if not compared:
        return ""
    height = _TOP + _ROW * len(compared) + 8
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="small" x="{_x(0):.0f}" y="16">0</text>',
        f'<text class="small" x="{_x(1):.0f}" y="16" text-anchor="middle">the peer</text>',
    ]
    for row, (figure, ratio) in enumerate(compared):
        lines += _bar(figure, ratio, _TOP + _ROW * row)
    lines.append(
        f'<line class="line" x1="{_x(1):.1f}" x2="{_x(1):.1f}" y1="{_TOP - 8}" y2="{height - 4}"/>'
    )
    return "\n".join([*lines, "</svg>", ""])


def _bar(figure: Figure, ratio: float, top: int) -> Iterator[str]:
    kind = {True: "met", False: "missed", None: "plain"}[figure.met]
    end = _x(min(ratio, _LONGEST))
    yield (
        f'<text x="{_LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(figure.name)}</text>'
        f'<rect class="{kind}" x="{_LEFT}" y="{top + 2}" width="{end - _LEFT:.1f}" height="16"'
        f' rx="2"/>'
        f'<text class="small" x="{end + 6:.1f}" y="{top + 14}">{ratio:.2f}</text>'
    )
    target = figure.target
    if target and target.of == "ratio":
        x = _x(min(target.value, _LONGEST))
        yield (f'<line class="target" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 1}" y2="{top + 21}"/>')


def _x(ratio: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ratio / _LONGEST
