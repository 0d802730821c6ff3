"""The data of a run: one answer being made, in one thread, for one person."""

from dataclasses import dataclass
from typing import Literal

from taskchat.runs.end_reason import EndStatus

RunStatus = Literal["running", "completed", "stopped", "failed", "lost"]

LEASE_SECONDS = 15
"""How long a run counts as running after its last heartbeat."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as stored."""

    id: str
    thread_id: str
    user_id: str
    status: RunStatus


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """The caller's key, and the SHA-256 of the request body."""

    value: str
    request_hash: bytes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended. `error` is a message to the person; the tokens are the model's counts."""

    status: EndStatus
    error: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
