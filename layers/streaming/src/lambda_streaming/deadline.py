"""The time at which an invocation has to end."""

import asyncio
import time
from dataclasses import dataclass
from typing import Self

# The runtime ends an invocation before Lambda's own deadline: by a tenth of the remaining time, but
# at most this many seconds.
_LONGEST_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the runtime ends an invocation (event loop time), and the seconds left after that."""

    at: float
    margin: float

    @classmethod
    def before(cls, deadline_ms: int) -> Self:
        """Create a deadline ahead of Lambda's, which is given in milliseconds since the epoch."""
        remaining = max(0.0, deadline_ms / 1000 - time.time())
        margin = min(_LONGEST_MARGIN, remaining / 10)
        return cls(asyncio.get_running_loop().time() + remaining - margin, margin)

    def seconds_left(self) -> float:
        """Return the seconds until the deadline, at least 0."""
        return max(0.0, self.at - asyncio.get_running_loop().time())
