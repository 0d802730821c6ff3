"""Runs in Postgres: begun in one short transaction, kept alive by heartbeats, stopped by a flag.

The partial unique index `runs_one_running` and the lease together say who may answer in a thread:
a run counts as running until it ends or its lease runs out. Whoever locks both a run and its thread
locks the run first.
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
    `MessageLimitError`. Everything happens in the caller's transaction, or not at all; in a block
    of `Connection.committing`, what it writes travels with what it reads.
    """
    user_id, key = new_run.user.id, new_run.key
    # Locks are taken in this order by all: the key, the run, the thread, the person.
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
    if not new_run.answers_item_id.isprintable():  # NUL, which Postgres would refuse
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
    """Hold the thread and its run, if it has one; `_require_idle` reads what came of it."""
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
    """Give a sign of life and log a batch of events.

    The one row says whether a stop was requested (`stop_requested`) and whether someone reads the
    log (`followed`). There is none where the run has ended meanwhile.
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
