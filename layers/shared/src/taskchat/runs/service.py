"""Runs in Postgres: started in one short transaction, kept alive by heartbeats, stopped by a flag.

The partial unique index `runs_one_running` and the lease make sure that only one run at a time
answers in a thread: a run counts as running until it ends or its lease expires. To avoid deadlocks,
a run is locked before its thread.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncCursor
from psycopg.rows import DictRow

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.errors import NotFoundError, StillAnsweringError
from taskchat.limits import count_answer
from taskchat.runs.ending import lose_expired_run
from taskchat.runs.event_log import Batch
from taskchat.runs.idempotency import ask_for_request, earlier_request
from taskchat.runs.models import LEASE_SECONDS, IdempotencyKey, Run
from taskchat.settings import LimitSettings
from taskchat.threads import repository
from taskchat.users import User, ensure_user

_queries = load_queries("runs")


@dataclass(frozen=True, kw_only=True)
class NewThread:
    """A thread that is created together with the run that answers its first message."""

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
    """Record the run and take the thread's lease. Returns None if the caller must make the answer.

    Returns the id of an earlier run if its request had the same idempotency key and body: the
    caller must follow that run instead. Call it again with the same run if the connection broke
    during the commit. Runs in the caller's transaction. Within `Connection.committing`, its writes
    are sent together with its reads.

    Raises `IdempotencyKeyReusedError` if the key came with a different body, `NotFoundError`,
    `StillAnsweringError`, `TooManyAtOnceError`, `OutOfTokensError` and `MessageLimitError`.
    """
    user_id, key = new_run.user.id, new_run.key
    # All code takes locks in this order: the key, the run, the thread, the person.
    async with connection.pipelined():
        await ensure_user(connection, new_run.user)
        own = {"id": new_run.run_id, "user_id": user_id}
        recorded = await connection.execute(_queries.get_run_id, own)
        asked = await ask_for_request(connection, user_id, key) if key else None
        thread = None
        if not new_run.new_thread:
            thread = await _ask_for_thread(connection, user_id, new_run.thread_id)
    if await recorded.fetchone():
        return None
    if asked and key and (earlier := await earlier_request(asked, key)):
        return earlier.run_id
    if not new_run.answers_item_id.isprintable():  # it may have a NUL, which Postgres refuses
        raise NotFoundError("The item does not exist.")
    if thread:
        await _require_idle(connection, user_id, new_run.thread_id, thread)
    await count_answer(connection, user_id, limits)
    await _insert(connection, new_run)
    return None


async def _insert(connection: Connection, new_run: NewRun) -> None:
    thread = new_run.new_thread
    if thread:
        await repository.insert_thread(
            connection, new_run.user.id, new_run.thread_id, thread.title, thread.created_at
        )
    await connection.execute(
        _queries.insert_run,
        {
            "id": new_run.run_id,
            "user_id": new_run.user.id,
            "thread_id": new_run.thread_id,
            "answers_item_id": new_run.answers_item_id,
            "new_thread": thread is not None,
            "key": new_run.key.value if new_run.key else None,
            "request_hash": new_run.key.request_hash if new_run.key else None,
            "lease_seconds": LEASE_SECONDS,
        },
    )


@dataclass(frozen=True)
class _AskedThread:
    expired: AsyncCursor[DictRow]
    locked: AsyncCursor[DictRow]
    running: AsyncCursor[DictRow]


async def _ask_for_thread(connection: Connection, user_id: str, thread_id: str) -> _AskedThread:
    """Lock the thread and its run, if it has one. `_require_idle` reads the results."""
    _require_storable(thread_id)
    thread = {"user_id": user_id, "thread_id": thread_id}
    return _AskedThread(
        expired=await connection.execute(_queries.lock_expired_run, thread),
        locked=await repository.lock_thread(connection, **thread),
        running=await connection.execute(_queries.find_running, thread),
    )


async def _require_idle(
    connection: Connection, user_id: str, thread_id: str, asked: _AskedThread
) -> None:
    if await asked.locked.fetchone() is None:
        raise _not_found()
    if await asked.expired.fetchone():
        await lose_expired_run(connection, user_id, thread_id)
    elif await asked.running.fetchone():
        raise StillAnsweringError(
            "The assistant is still answering in this conversation. Try again in a moment."
        )


async def send_heartbeat(
    connection: Connection, run_id: str, user_id: str, batch: Batch | None
) -> AsyncCursor[DictRow]:
    """Extend the run's lease and log a batch of events.

    The cursor's one row tells whether a stop was requested (`stop_requested`) and whether someone
    reads the log (`followed`). There is no row if the run has ended meanwhile.
    """
    return await connection.execute(
        _queries.heartbeat,
        {
            "id": run_id,
            "user_id": user_id,
            "lease_seconds": LEASE_SECONDS,
            "seq": batch.seq if batch else None,
            "events": batch.lines if batch else None,
        },
    )


async def request_stop(connection: Connection, user_id: str, thread_id: str) -> bool:
    """Ask the thread's run to stop. False if nothing runs. Raises `NotFoundError`."""
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
    """Whether tools of this run may no longer start.

    Locks the run, so that nobody can end it before the transaction is over.
    """
    row = await fetch_one(connection, _queries.is_stopped, {"id": run_id, "user_id": user_id})
    return row is None or bool(row["stopped"])


async def find_running(connection: Connection, user_id: str, thread_id: str) -> Run | None:
    """The run that is running in the person's thread now."""
    row = await fetch_one(
        connection, _queries.find_running, {"thread_id": thread_id, "user_id": user_id}
    )
    return Run(**row) if row else None


def _require_storable(thread_id: str) -> None:
    """Raise `NotFoundError` for an id that Postgres could refuse: no thread has such an id."""
    if not thread_id.isprintable():
        raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such thread.")
