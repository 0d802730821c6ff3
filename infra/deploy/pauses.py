"""How long to wait before CloudFormation is asked again."""

from collections.abc import Iterator

_SHORTEST, _LONGEST, _LONGER = 0.25, 5.0, 1.15


def pauses() -> Iterator[float]:
    """Seconds, longer each time: an eighth of what has passed, and never more than five."""
    pause = _SHORTEST
    while True:
        yield pause
        pause = min(pause * _LONGER, _LONGEST)
