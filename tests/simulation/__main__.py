"""``python -m tests.simulation``: simulate each size, and write its tables into docs/scaling.md."""

from dataclasses import dataclass
from pathlib import Path

from tests.simulation import prices
from tests.simulation.bill import Database, Traffic, monthly_bill
from tests.simulation.limits import Use, uses
from tests.simulation.measure import Measurements, read_measurements
from tests.simulation.simulate import Load, simulate
from tests.simulation.workload import PEAK_HOUR, messages, messages_in_hour

DOCUMENT = Path(__file__).parents[2] / "docs/scaling.md"
SEED = 20_261_101


@dataclass(frozen=True)
class Size:
    """A month's messages, and what the system is turned to for them."""

    messages: int
    database: Database
    waf_rules: int = 0
    hours: range = range(24)
    """Of a working day, those that are simulated; the peak is among them."""


# The largest load is simulated around its peak only: a whole day would be four million messages.
SIZES = (
    Size(1_000, Database("db.t4g.small")),
    Size(1_000_000, Database("db.t4g.medium", zones=2), waf_rules=2),
    Size(
        100_000_000,
        Database("db.r8g.4xlarge", zones=2),
        waf_rules=2,
        hours=range(PEAK_HOUR, PEAK_HOUR + 1),
    ),
)


@dataclass(frozen=True)
class Result:
    """A size, the load of its busiest stretch, its bill, and its limits."""

    size: Size
    load: Load
    bill: dict[str, float]
    uses: list[Use]


def run(size: Size, costs: Measurements) -> Result:
    """Simulate one size."""
    seconds = len(size.hours) * 3600.0
    load = simulate(messages(size.messages, size.hours, SEED), seconds, costs)
    traffic = Traffic(
        messages=size.messages,
        billed_seconds=load.billed_seconds / load.messages,
        output_tokens=load.output_tokens / load.messages,
        model_calls=load.model_calls / load.messages,
    )
    bill = monthly_bill(traffic, costs, size.database, waf_rules=size.waf_rules)
    return Result(size, load, bill, uses(load, costs, size.database))


def tables(results: list[Result]) -> dict[str, str]:
    """The document's tables, by the name of their place in it."""
    return {"load": _load(results), "limits": _limits(results), "bill": _bill(results)}


def _load(results: list[Result]) -> str:
    rows: dict[str, list[str]] = {
        "database": [_instance(result.size.database) for result in results],
        "messages in the busiest hour": [
            f"{messages_in_hour(result.size.messages, PEAK_HOUR):,.0f}" for result in results
        ],
        "answers at once, at most": [f"{result.load.peak_answers:,}" for result in results],
        "environments, and so connections": [
            f"{result.load.peak_environments:,}" for result in results
        ],
        "answers on a cold start": [
            f"{result.load.cold_starts / result.load.messages:.1%}" for result in results
        ],
        "statements a second, at most": [
            f"{max(result.load.statements):,.0f}" for result in results
        ],
        "commits a second, at most": [f"{max(result.load.commits):,.0f}" for result in results],
    }
    return _table(results, rows)


def _limits(results: list[Result]) -> str:
    names = [use.limit for use in results[-1].uses]
    rows = {}
    for name in names:
        shares = [next(use for use in result.uses if use.limit == name) for result in results]
        rows[name] = [
            f"**{use.share:,.0%}**" if use.share > 1 else f"{use.share:,.0%}" for use in shares
        ]
    return _table(results, rows)


def _bill(results: list[Result]) -> str:
    parts = list(results[0].bill)
    rows = {part: [f"{result.bill[part]:,.2f}" for result in results] for part in parts}
    rows["**in all**"] = [f"**{sum(result.bill.values()):,.2f}**" for result in results]
    rows["a thousand messages"] = [
        f"{sum(result.bill.values()) / result.size.messages * 1000:,.2f}" for result in results
    ]
    return _table(results, rows)


def _instance(database: Database) -> str:
    zones = "" if database.zones == 1 else f", {database.zones} zones"
    return f"{database.instance}{zones}"


def _table(results: list[Result], rows: dict[str, list[str]]) -> str:
    head = ["messages a month", *(f"{result.size.messages:,}" for result in results)]
    lines = [
        head,
        ["---", *("---:" for _ in results)],
        *([name, *row] for name, row in rows.items()),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(document: str, filling: dict[str, str]) -> str:
    """The document with its tables replaced: each between a `table` comment and its end."""
    for name, table in filling.items():
        start, end = f"<!-- table {name} -->\n", "<!-- end -->"
        before, _, rest = document.partition(start)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"{DOCUMENT.name} has no place for the table {name!r}")
        document = f"{before}{start}{table}\n{end}{after}"
    return document


def render() -> str:
    """The document as it should be."""
    costs = read_measurements()
    results = [run(size, costs) for size in SIZES]
    return fill(DOCUMENT.read_text(), tables(results))


if __name__ == "__main__":
    DOCUMENT.write_text(render())
    print(f"prices of {prices.DATE}; written into {DOCUMENT}")
