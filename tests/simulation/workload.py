"""What people do: how many messages come when, and how long their answers take.

The shares and sizes are assumptions, named here; what each message costs the system is measured.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

WORKING_DAYS = 22
SHARE_OF_WORKING_DAYS = 0.9
"""Of a month's messages, those that come on its working days."""

# Of a working day's messages, the share that comes in each hour: two peaks, and a quiet night.
HOURS = (
    *(0.006, 0.004, 0.003, 0.003, 0.005, 0.010, 0.022, 0.045, 0.075, 0.092, 0.095, 0.085),
    *(0.062, 0.070, 0.085, 0.084, 0.074, 0.055, 0.038, 0.030, 0.024, 0.016, 0.011, 0.006),
)
PEAK_HOUR = HOURS.index(max(HOURS))

SHARE_WITH_TOOL = 0.6
"""Of the messages, those whose answer calls a tool and so asks the model twice."""

REQUESTS_PER_MESSAGE = 2.0
"""REST requests for one message: the list of tasks again, and a share of sessions and edits."""

INPUT_TOKENS_PER_CALL = 2_200
"""Instructions, tools and the bounded history."""

FIRST_TOKEN_SECONDS = 0.6
"""The median until the model's first token; a tenth of the calls take over twice as long."""

TOKENS_PER_SECOND = 120.0
MEDIAN_TOKENS = 70


@dataclass(frozen=True)
class Message:
    """One message: when it comes, in seconds from the start, and what the model does for it."""

    at: float
    with_tool: bool
    output_tokens: int
    waiting_seconds: float
    """Until the model's first token, over all its calls."""
    streaming_seconds: float


def messages_in_hour(per_month: float, hour: int) -> float:
    """The messages that a working day's hour brings."""
    return per_month * SHARE_OF_WORKING_DAYS / WORKING_DAYS * HOURS[hour] / sum(HOURS)


def messages(per_month: float, hours: range, seed: int) -> Iterator[Message]:
    """Messages in the order in which they come: each hour a Poisson process of its own rate."""
    generator = random.Random(seed)  # noqa: S311 - a repeatable load, not a secret
    for place, hour in enumerate(hours):
        rate = messages_in_hour(per_month, hour) / 3600
        at = generator.expovariate(rate)
        while at < 3600:
            yield _message(place * 3600 + at, generator)
            at += generator.expovariate(rate)


def _message(at: float, generator: random.Random) -> Message:
    with_tool = generator.random() < SHARE_WITH_TOOL
    tokens = max(1, round(generator.lognormvariate(math.log(MEDIAN_TOKENS), 0.7)))
    waits = (
        generator.lognormvariate(math.log(FIRST_TOKEN_SECONDS), 0.55)
        for _ in range(2 if with_tool else 1)
    )
    return Message(
        at=at,
        with_tool=with_tool,
        output_tokens=tokens,
        waiting_seconds=sum(waits),
        streaming_seconds=tokens / TOKENS_PER_SECOND,
    )
