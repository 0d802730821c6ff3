"""When an invocation has to end."""

import asyncio
import time
from dataclasses import dataclass
from typing import Self

# How long before Lambda's own deadline the runtime ends an invocation: a tenth of its time, but
# not more seconds than this.
_LONGEST_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the runtime ends an invocation, on the event loop's clock, and its margin after that."""

    at: float
    margin: float

    @classmethod
    def before(cls, deadline_ms: int) -> Self:
        """Ahead of Lambda's deadline, which is in milliseconds since the epoch."""
        remaining = max(0.0, deadline_ms / 1000 - time.time())
        margin = min(_LONGEST_MARGIN, remaining / 10)
        return cls(asyncio.get_running_loop().time() + remaining - margin, margin)

    def seconds_left(self) -> float:
        """Seconds until then, 0 at the least."""
        return max(0.0, self.at - asyncio.get_running_loop().time())
