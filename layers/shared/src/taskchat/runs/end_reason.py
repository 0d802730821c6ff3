"""Why a run ends. If there are several reasons, the first one counts.

A run goes on until there is a reason: the answer is complete, the person pressed Stop, or something
failed. This reason is shown to the person and recorded, whatever else fails while the run ends.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

EndStatus = Literal["completed", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class EndReason:
    """How a run ends. `error` is a message to the person; `retryable`: they may try again."""

    status: EndStatus
    error: str | None = None
    retryable: bool = True


COMPLETED = EndReason(status="completed")
STOPPED = EndReason(status="stopped")


def failed(error: str, *, retryable: bool = True) -> EndReason:
    """The reason for a run that ends with an error."""
    return EndReason(status="failed", error=error, retryable=retryable)


class RunEnd:
    """The end of one run. The first reason decides it; later ones change nothing."""

    def __init__(self) -> None:
        self._reason: EndReason | None = None
        self._decided = asyncio.Event()

    @property
    def reason(self) -> EndReason | None:
        """Why the run ends, or None while it goes on."""
        return self._reason

    def decide(self, reason: EndReason) -> EndReason:
        """End the run for this reason, unless it already has one. Returns the one that counts."""
        if self._reason is None:
            self._reason = reason
            self._decided.set()
        return self._reason

    async def wait(self) -> None:
        """Return once there is a reason."""
        await self._decided.wait()
