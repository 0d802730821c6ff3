"""The pauses between requests for CloudFormation's state."""

from collections.abc import Iterator

_SHORTEST, _LONGEST, _LONGER = 0.25, 5.0, 1.15


def pauses() -> Iterator[float]:
    """Yield seconds, longer each time: about an eighth of the elapsed time, at most five."""
    pause = _SHORTEST
    while True:
        yield pause
        pause = min(pause * _LONGER, _LONGEST)
