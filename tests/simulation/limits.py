"""What gives way, and when: quotas and the capacity of parts, against a simulated load.

AWS's defaults are those of https://docs.aws.amazon.com/general/latest/gr/lambda-service.html and
the pages named below; all can be raised but the scaling rate, and a new account may start lower.
"""

from dataclasses import dataclass

from tests.simulation.bill import Database
from tests.simulation.measure import Measurements
from tests.simulation.simulate import Load


@dataclass(frozen=True)
class Instance:
    """What an RDS class can do: virtual processors it sustains, connections, included I/O."""

    cpus: float
    connections: int
    iops: int = 3_000


# Connections: LEAST(memory / 9,531,392, 5,000). A t4g sustains its baseline, the rest is burst.
INSTANCES = {
    "db.t4g.small": Instance(cpus=2 * 0.2, connections=225),
    "db.t4g.medium": Instance(cpus=2 * 0.2, connections=450),
    "db.r8g.4xlarge": Instance(cpus=16, connections=5_000, iops=12_000),
}

NEW_ACCOUNT_CONCURRENCY = 10
CONCURRENCY = 1_000
STARTS_PER_10_SECONDS = 1_000
IAM_CONNECTIONS_PER_SECOND = 200
MODEL_REQUESTS_PER_MINUTE = 1_000
"""Of gemini-2.5-flash on the first paid tier; higher tiers have 2,000 and 10,000."""


@dataclass(frozen=True)
class Use:
    """How much of a limit the busiest moment takes."""

    limit: str
    used: float
    most: float

    @property
    def share(self) -> float:
        """Above 1 the limit is passed."""
        return self.used / self.most


def uses(load: Load, costs: Measurements, database: Database) -> list[Use]:
    """Every limit, the one that gives way first at the head."""
    instance = INSTANCES[database.instance]
    cpu = (costs.plain.database_cpu_seconds + costs.with_tool.database_cpu_seconds) / 2
    busiest = max(load.statements)
    per_statement = cpu * load.messages / max(sum(load.statements), 1)
    found = [
        Use("answers at once, new account", load.peak_answers, NEW_ACCOUNT_CONCURRENCY),
        Use("answers at once, default quota", load.peak_answers, CONCURRENCY),
        Use("environments started in 10 s", _busiest(load.starts, 10), STARTS_PER_10_SECONDS),
        Use("new IAM connections in 1 s", max(load.starts), IAM_CONNECTIONS_PER_SECOND),
        Use("connections of the database", load.peak_environments, instance.connections),
        Use("processors of the database", busiest * per_statement, instance.cpus),
        Use("I/O of the database", max(load.commits), instance.iops + database.extra_iops),
        Use(
            "model requests in a minute",
            load.model_calls / load.seconds * 60,
            MODEL_REQUESTS_PER_MINUTE,
        ),
    ]
    return sorted(found, key=lambda use: use.share, reverse=True)


def _busiest(counts: list[int], seconds: int) -> int:
    return max(sum(counts[start : start + seconds]) for start in range(len(counts)))
