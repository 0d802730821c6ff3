"""The results of the requests: figures, and every broken rule."""

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.people import CANARY

MOST_SHOWN = 2_000


class TimeIsUp(BaseException):
    """Ends Hypothesis's run at once. An `Exception` would not."""


@dataclass
class Report:
    """The responses to the requests of one kind. None may take longer than `hang_seconds`."""

    name: str
    hang_seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)
    began_at: float = field(default_factory=time.monotonic)

    def require_time(self, seconds: float) -> None:
        """Raise `TimeIsUp` if the requests have taken this many seconds."""
        if time.monotonic() > self.began_at + seconds:
            raise TimeIsUp

    @property
    def requests(self) -> int:
        """How many requests got a response."""
        return self.statuses.total()

    def add(self, request: str, status: int, seconds: float, response: str) -> None:
        """Record one response, and check it against the rules."""
        self.statuses[status] += 1
        self.slowest = max(self.slowest, (seconds, request[:200]))
        if status >= 500:
            self.fail(request, f"{status}: {response}")
        if CANARY in response:
            self.fail(request, f"shows what is another person's: {response}")
        if seconds > self.hang_seconds:
            self.fail(request, f"took {seconds:.1f} s")

    def fail(self, request: str, what: str) -> None:
        """Record a broken rule."""
        self.failures.append(f"{request[:MOST_SHOWN]}\n    -> {what[:MOST_SHOWN]}")

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began_at
        codes = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.name}: {self.requests:,} requests in {seconds:.0f} s ({codes}); "
            f"slowest {self.slowest[0]:.2f} s: {self.slowest[1]!r}"
        )
