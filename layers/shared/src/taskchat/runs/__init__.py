"""Runs: answers being made, each recorded, leased, logged and ended exactly once."""

from taskchat.runs.execution import (
    GENERIC_FAILURE,
    Drafts,
    RunExecution,
    RunsInProgress,
    finish_all,
)
from taskchat.runs.follow import follow_log
from taskchat.runs.ledger import Execution, find_execution, record_execution
from taskchat.runs.models import IdempotencyKey, Outcome, Run
from taskchat.runs.service import Begin, begin_run, find_running, is_stopped, request_stop

__all__ = [
    "GENERIC_FAILURE",
    "Begin",
    "Drafts",
    "Execution",
    "IdempotencyKey",
    "Outcome",
    "Run",
    "RunExecution",
    "RunsInProgress",
    "begin_run",
    "find_execution",
    "find_running",
    "finish_all",
    "follow_log",
    "is_stopped",
    "record_execution",
    "request_stop",
]
