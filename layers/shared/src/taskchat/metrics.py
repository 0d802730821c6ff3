"""Metrics by name. Whoever runs the code decides where they go.

    record({Metric.RUN_DURATION: 812.0, Metric.RUN_COMPLETED: 1})

Without a sink, nothing is recorded, as with a logger that has no handler. A deployed function
installs a sink that writes CloudWatch's embedded metric format.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Protocol

NAMESPACE = "Taskchat"


class Metric(StrEnum):
    """The names of the metrics in CloudWatch."""

    TIME_TO_FIRST_TOKEN = "TimeToFirstToken"  # noqa: S105 - of the model, and no secret
    """From the accepted message to the first words of the answer."""
    RUN_DURATION = "RunDuration"
    RUN_COMPLETED = "RunCompleted"
    RUN_STOPPED = "RunStopped"
    RUN_FAILED = "RunFailed"
    RUN_LOST = "RunLost"
    """A run whose process died; found by the next message, or by maintenance."""
    LEASE_LOST = "LeaseLost"
    """A process found that a run was no longer its own, and gave it up."""
    INPUT_TOKENS = "InputTokens"
    OUTPUT_TOKENS = "OutputTokens"
    TOOL_DURATION = "ToolDuration"
    """By `tool`."""
    TOOL_FAILED = "ToolFailed"
    """By `tool`."""
    LIMIT_REACHED = "LimitReached"
    """A request that a limit refused; by `limit`, the problem's code."""
    COLD_START = "ColdStart"


Unit = Literal["Milliseconds", "Count"]

_DURATIONS = {Metric.TIME_TO_FIRST_TOKEN, Metric.RUN_DURATION, Metric.TOOL_DURATION}


def unit_of(metric: Metric) -> Unit:
    """Durations are in milliseconds; everything else is a count."""
    return "Milliseconds" if metric in _DURATIONS else "Count"


class Sink(Protocol):
    """Takes values that belong together, with their dimensions."""

    def __call__(self, values: Mapping[Metric, float], dimensions: Mapping[str, str]) -> None: ...


def _discard(values: Mapping[Metric, float], dimensions: Mapping[str, str]) -> None:
    pass


_sink: Sink = _discard


def install_sink(sink: Sink) -> None:
    """Send this process's metrics to `sink`."""
    global _sink  # noqa: PLW0603 - one for the process, as the root logger is
    _sink = sink


def record(values: Mapping[Metric, float], **dimensions: str) -> None:
    """Record values. The values of one call share a timestamp and dimensions."""
    _sink(values, dimensions)
