"""Why a run ends. There may be several reasons at once; the first one counts.

A run goes on until a reason is given: all was said, the person pressed Stop, or something failed.
That reason is what the person is told and what is recorded, whatever fails on the way to the end.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

EndStatus = Literal["completed", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class EndReason:
    """How a run ends. `error` is in words for the person, who may or may not try again."""

    status: EndStatus
    error: str | None = None
    retryable: bool = True


COMPLETED = EndReason(status="completed")
STOPPED = EndReason(status="stopped")


def failed(error: str, *, retryable: bool = True) -> EndReason:
    """The run ends with an error."""
    return EndReason(status="failed", error=error, retryable=retryable)


class RunEnd:
    """The end of one run: open, until the first reason decides it for good."""

    def __init__(self) -> None:
        self._reason: EndReason | None = None
        self._decided = asyncio.Event()

    @property
    def reason(self) -> EndReason | None:
        """Why the run ends; None while it goes on."""
        return self._reason

    def decide(self, reason: EndReason) -> EndReason:
        """End the run for this reason, unless it ends for another; returns the one that counts."""
        if self._reason is None:
            self._reason = reason
            self._decided.set()
        return self._reason

    async def wait(self) -> None:
        """Return once there is a reason."""
        await self._decided.wait()
