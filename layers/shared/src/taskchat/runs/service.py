"""Runs in Postgres: begun in one short transaction, kept alive by heartbeats, stopped by a flag.

The partial unique index `runs_one_running` and the lease together say who may answer in a thread:
a run counts as running until it ends or its lease runs out. Whoever locks both a run and its thread
locks the run first.
"""

from dataclasses import dataclass
from datetime import datetime

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.errors import NotFoundError, StillAnsweringError
from taskchat.limits import count_message, require_room_for_run, require_tokens
from taskchat.runs.ending import lose_expired_run
from taskchat.runs.event_log import Batch
from taskchat.runs.idempotency import find_request
from taskchat.runs.models import LEASE_SECONDS, IdempotencyKey, Run
from taskchat.settings import LimitSettings
from taskchat.threads import repository
from taskchat.users import User, ensure_user

_queries = load_queries("runs")


@dataclass(frozen=True, kw_only=True)
class NewThread:
    """A thread that is made together with the run that answers its first message."""

    title: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A request that starts an answer, as `begin_run` needs it."""

    run_id: str
    user: User
    thread_id: str
    new_thread: NewThread | None
    answers_item_id: str
    key: IdempotencyKey | None


async def begin_run(connection: Connection, new_run: NewRun, limits: LimitSettings) -> str | None:
    """Record the run and take the thread's lease; None means that it is the caller's to make.

    The id of a run is returned where the idempotency key has come before, with the same body: the
    caller follows that run instead. It may be called again with the same run, where the connection
    broke during the commit. Raises `IdempotencyKeyReusedError` where the body was another,
    `NotFoundError`, `StillAnsweringError`, `TooManyAtOnceError`, `OutOfTokensError` and
    `MessageLimitError`. Everything happens in the caller's transaction, or not at all.
    """
    await ensure_user(connection, new_run.user)
    own = {"id": new_run.run_id, "user_id": new_run.user.id}
    if await fetch_one(connection, _queries.get_run_id, own):
        return None
    if new_run.key and (earlier := await find_request(connection, new_run.user.id, new_run.key)):
        return earlier.run_id
    thread = {"thread_id": new_run.thread_id, "user_id": new_run.user.id}
    if new_run.new_thread:
        title, created_at = new_run.new_thread.title, new_run.new_thread.created_at
        await repository.insert_thread(
            connection, new_run.user.id, new_run.thread_id, title, created_at
        )
    else:
        await _take_thread(connection, thread)
    await require_room_for_run(connection, new_run.user.id, limits)
    await require_tokens(connection, new_run.user.id, limits)
    await count_message(connection, new_run.user.id, limits)
    await connection.execute(
        _queries.insert_run,
        {
            **thread,
            "id": new_run.run_id,
            "answers_item_id": new_run.answers_item_id,
            "new_thread": new_run.new_thread is not None,
            "key": new_run.key.value if new_run.key else None,
            "request_hash": new_run.key.request_hash if new_run.key else None,
            "lease_seconds": LEASE_SECONDS,
        },
    )
    return None


async def _take_thread(connection: Connection, thread: dict[str, str]) -> None:
    _require_storable(thread["thread_id"])
    await lose_expired_run(connection, **thread)
    if not await repository.lock_thread(connection, **thread):
        raise _not_found()
    if await fetch_one(connection, _queries.find_running, thread):
        raise StillAnsweringError(
            "The assistant is still answering in this conversation. Try again in a moment."
        )


async def heartbeat(
    connection: Connection, run_id: str, user_id: str, batch: Batch | None
) -> bool | None:
    """Give a sign of life and log a batch of events.

    Returns whether a stop was requested, or None where the run has ended meanwhile.
    """
    row = await fetch_one(
        connection,
        _queries.heartbeat,
        {
            "id": run_id,
            "user_id": user_id,
            "lease_seconds": LEASE_SECONDS,
            "seq": batch.seq if batch else None,
            "events": batch.lines if batch else None,
        },
    )
    return row["stop_requested"] if row else None


async def request_stop(connection: Connection, user_id: str, thread_id: str) -> bool:
    """Ask the thread's run to stop; False where nothing runs. Raises `NotFoundError`."""
    _require_storable(thread_id)
    thread = {"thread_id": thread_id, "user_id": user_id}
    if await lose_expired_run(connection, **thread):
        return False
    if await fetch_one(connection, _queries.request_stop, thread):
        return True
    if await repository.get_thread(connection, **thread) is None:
        raise _not_found()
    return False


async def is_stopped(connection: Connection, run_id: str, user_id: str) -> bool:
    """Whether a tool of this run may no longer start.

    If it may, the run cannot be ended, by anyone, before the transaction is over.
    """
    row = await fetch_one(connection, _queries.is_stopped, {"id": run_id, "user_id": user_id})
    return row is None or bool(row["stopped"])


async def find_running(connection: Connection, user_id: str, thread_id: str) -> Run | None:
    """The run that is answering in the person's thread now."""
    row = await fetch_one(
        connection, _queries.find_running, {"thread_id": thread_id, "user_id": user_id}
    )
    return Run(**row) if row else None


def _require_storable(thread_id: str) -> None:
    """What Postgres would refuse as a text names no thread either."""
    if not thread_id.isprintable():
        raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such thread.")
