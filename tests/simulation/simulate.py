"""The chat under load: a discrete-event simulation of Lambda's environments and the database.

Each message occupies one execution environment from its arrival to the end of its answer. Lambda
takes a free environment, the one used last, or starts another one; an environment that nobody used
for `KEPT_SECONDS` is gone. Each environment holds one connection to the database.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

from tests.simulation.measure import Measurements
from tests.simulation.workload import Message

KEPT_SECONDS = 600.0
"""How long an idle environment lives. AWS promises nothing; minutes are what people observe."""


@dataclass
class Load:
    """What a stretch of time brought, in totals and at its busiest second."""

    seconds: float
    messages: int = 0
    cold_starts: int = 0
    answering_seconds: float = 0.0
    billed_seconds: float = 0.0
    """Of environments: answers and starts."""
    output_tokens: int = 0
    model_calls: int = 0
    peak_answers: int = 0
    """Answers in progress at once."""
    peak_environments: int = 0
    """Environments alive at once, and so connections to the database."""
    statements: list[float] = field(default_factory=list)
    """In each second."""
    commits: list[float] = field(default_factory=list)
    """In each second."""
    starts: list[int] = field(default_factory=list)
    """Environments started in each second."""

    @property
    def mean_answers(self) -> float:
        """Answers in progress at once, on average."""
        return self.answering_seconds / self.seconds


def simulate(messages: Iterable[Message], seconds: float, costs: Measurements) -> Load:
    """Run the messages, which come in order, through the system."""
    load = Load(seconds)
    slots = ceil(seconds) + 1
    load.statements, load.commits = [0.0] * slots, [0.0] * slots
    load.starts = [0] * slots
    busy: list[float] = []  # a heap of when each answer ends
    free: list[float] = []  # when each idle environment became so; the last is taken first
    for message in messages:
        while busy and busy[0] <= message.at:
            free.append(heapq.heappop(busy))
        while free and free[0] < message.at - KEPT_SECONDS:
            free.pop(0)
        start = 0.0
        if free:
            free.pop()
        else:
            start = costs.cold_start_seconds
            load.cold_starts += 1
            load.starts[int(message.at)] += 1
        heapq.heappush(busy, message.at + start + _count(load, message, start, costs))
        load.peak_answers = max(load.peak_answers, len(busy))
        load.peak_environments = max(load.peak_environments, len(busy) + len(free))
    return load


def _count(load: Load, message: Message, start: float, costs: Measurements) -> float:
    """Add a message to the load; returns how long its answer takes."""
    cost = costs.with_tool if message.with_tool else costs.plain
    seconds = cost.seconds + message.waiting_seconds + message.streaming_seconds
    load.messages += 1
    load.model_calls += 2 if message.with_tool else 1
    load.output_tokens += message.output_tokens
    load.answering_seconds += start + seconds
    load.billed_seconds += start + seconds
    last = len(load.statements) - 1
    arrived = min(int(message.at), last)
    load.statements[arrived] += cost.statements
    load.commits[arrived] += cost.commits
    # What an answer in progress writes: from its first token on, second by second.
    first = message.at + start + message.waiting_seconds
    left, at = message.streaming_seconds, first
    while left > 0:
        share = min(left, 1.0)
        second = min(int(at), last)
        load.statements[second] += cost.statements_per_second * share
        load.commits[second] += cost.commits_per_second * share
        left, at = left - share, at + share
    return seconds
