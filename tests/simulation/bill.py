"""What a month costs, part by part."""

from dataclasses import dataclass

from tests.simulation import prices
from tests.simulation.measure import Measurements
from tests.simulation.workload import (
    INPUT_TOKENS_PER_CALL,
    REQUESTS_PER_MESSAGE,
    SHARE_WITH_TOOL,
)

CHAT_GB, API_GB = 1.769, 1.0
"""Memory of the two functions that people use, as the template sets it."""

KEPT_MONTHS = 12
"""How long conversations are kept; storage is what has gathered by then."""

SECRETS = 2
"""The model's key and the database's master password."""

REST_LOG_BYTES = 700


@dataclass(frozen=True)
class Database:
    """An RDS instance: its class, its zones, and I/O operations per second above the included."""

    instance: str
    zones: int = 1
    extra_iops: int = 0

    @property
    def hourly(self) -> float:
        """Dollars an hour for the instance in all its zones."""
        return prices.RDS_HOUR[self.instance] * self.zones


@dataclass(frozen=True)
class Traffic:
    """What the simulation says of one message, on average."""

    messages: float
    """In a month."""
    billed_seconds: float
    output_tokens: float
    model_calls: float


def monthly_bill(
    traffic: Traffic, costs: Measurements, database: Database, *, waf_rules: int
) -> dict[str, float]:
    """Dollars for each part. Nothing is rounded, and what is free is taken off once a month."""
    n = traffic.messages
    requests = n * (1 + REQUESTS_PER_MESSAGE)
    mixed = _mixed(costs)
    gb_seconds = n * (
        traffic.billed_seconds * CHAT_GB
        + REQUESTS_PER_MESSAGE * costs.list_of_tasks.seconds * API_GB
    )
    sent = n * (mixed["response_bytes"] + REQUESTS_PER_MESSAGE * costs.list_of_tasks.response_bytes)
    logs = n * (mixed["log_bytes"] + REQUESTS_PER_MESSAGE * REST_LOG_BYTES)
    stored = 20 + n * KEPT_MONTHS * mixed["stored_bytes"] / prices.GB
    free = prices.FREE
    model = n * (
        traffic.model_calls * INPUT_TOKENS_PER_CALL * prices.MODEL_INPUT_TOKEN
        + traffic.output_tokens * prices.MODEL_OUTPUT_TOKEN
    )
    return {
        "model": model,
        "functions": _above(gb_seconds, free["lambda_gb_seconds"]) * prices.LAMBDA_GB_SECOND
        + _above(requests, free["lambda_requests"]) * prices.LAMBDA_REQUEST,
        "database": database.hourly * prices.HOURS
        + database.zones * stored * prices.RDS_GP3_GB
        + database.zones * database.extra_iops * prices.RDS_GP3_IOPS,
        "edge": _above(requests, free["cloudfront_requests"]) * prices.CLOUDFRONT_REQUEST
        + _above(sent, free["cloudfront_bytes"]) / prices.GB * prices.CLOUDFRONT_GB,
        "firewall": (prices.WAF_ACL + waf_rules * prices.WAF_RULE + requests * prices.WAF_REQUEST)
        if waf_rules
        else 0.0,
        "logs": _above(logs, free["logs_bytes"]) / prices.GB * prices.LOGS_GB,
        "secrets": SECRETS * prices.SECRET,
    }


def _above(amount: float, free: float) -> float:
    return max(0.0, amount - free)


def _mixed(costs: Measurements) -> dict[str, float]:
    """The costs of the average message."""
    plain, with_tool = costs.plain.model_dump(), costs.with_tool.model_dump()
    return {
        name: plain[name] * (1 - SHARE_WITH_TOOL) + with_tool[name] * SHARE_WITH_TOOL
        for name in plain
    }
