"""What a run is: one answer being made, in one thread, for one person."""

from dataclasses import dataclass
from typing import Literal

from taskchat.runs.end_reason import EndStatus

RunStatus = Literal["running", "completed", "stopped", "failed", "lost"]

LEASE_SECONDS = 15
"""How long a run outlives the last sign of life of the process that makes it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One answer being made, as recorded."""

    id: str
    thread_id: str
    user_id: str
    status: RunStatus


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """The caller's key, and the SHA-256 of the body that came with it."""

    value: str
    request_hash: bytes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended. `error` is in words for the person; tokens are the model's count."""

    status: EndStatus
    error: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
