"""Runs in Postgres: begun in one short transaction, kept alive by beats, ended once.

The partial unique index `runs_one_running` and the lease together say who may answer in a thread:
a run counts as running until it ends or its lease runs out.
"""

from dataclasses import dataclass

from taskchat.database import Connection, load_queries
from taskchat.errors import IdempotencyKeyReusedError, NotFoundError, StillAnsweringError
from taskchat.limits import count_message
from taskchat.runs.models import LEASE_SECONDS, IdempotencyKey, Outcome, Run
from taskchat.settings import LimitSettings
from taskchat.threads import settle_retry
from taskchat.users import User, ensure_user

_queries = load_queries("runs")


@dataclass(frozen=True, kw_only=True)
class Begin:
    """A request that starts an answer, as `begin_run` needs it."""

    run_id: str
    user: User
    thread_id: str
    new_thread: bool
    answers_item_id: str
    key: IdempotencyKey | None


async def begin_run(connection: Connection, begin: Begin, limits: LimitSettings) -> Run | None:
    """Record the run and take the thread's lease; None means that it is the caller's to make.

    A `Run` is returned where the idempotency key has come before, with the same body: the caller
    follows that run instead. Raises `IdempotencyKeyReusedError` where the body was another,
    `NotFoundError`, `StillAnsweringError` and `MessageLimitError`. Everything happens in the
    caller's transaction, or not at all.
    """
    await ensure_user(connection, begin.user)
    if begin.key and (earlier := await _earlier_run(connection, begin.user, begin.key)):
        return earlier
    thread = {"thread_id": begin.thread_id, "user_id": begin.user.id}
    if begin.new_thread:
        await connection.execute(_queries.insert_thread, thread)
    else:
        await _take_thread(connection, thread)
    await count_message(connection, begin.user.id, limits)
    await connection.execute(
        _queries.insert_run,
        {
            **thread,
            "id": begin.run_id,
            "answers_item_id": begin.answers_item_id,
            "key": begin.key.value if begin.key else None,
            "request_hash": begin.key.request_hash if begin.key else None,
            "lease_seconds": LEASE_SECONDS,
        },
    )
    return None


async def _earlier_run(connection: Connection, user: User, key: IdempotencyKey) -> Run | None:
    parameters = {"user_id": user.id, "key": key.value}
    await connection.execute(_queries.take_key, parameters)
    row = await (await connection.execute(_queries.find_run_by_key, parameters)).fetchone()
    if row is None:
        return None
    run = Run(**row)
    if run.request_hash != key.request_hash:
        raise IdempotencyKeyReusedError(
            "This Idempotency-Key came before, with another request. Use a new key."
        )
    return run


async def _take_thread(connection: Connection, thread: dict[str, str]) -> None:
    if await (await connection.execute(_queries.lock_thread, thread)).fetchone() is None:
        raise NotFoundError("There is no such thread.")
    lost = await (await connection.execute(_queries.lose_expired_run, thread)).fetchone()
    if lost:
        await settle_retry(connection, lost["id"], keep_new=False)
    if await (await connection.execute(_queries.find_running, thread)).fetchone():
        raise StillAnsweringError(
            "The assistant is still answering in this conversation. Try again in a moment."
        )


async def beat(
    connection: Connection, run_id: str, user_id: str, *, seq: int, events: list[str]
) -> bool | None:
    """Give a sign of life and log `events` (JSON texts, the first being number `seq`).

    Returns whether a stop was requested, or None where the run has ended meanwhile.
    """
    row = await (
        await connection.execute(
            _queries.beat,
            {
                "id": run_id,
                "user_id": user_id,
                "lease_seconds": LEASE_SECONDS,
                "seq": seq,
                "events": _lines(events),
            },
        )
    ).fetchone()
    return row["stop_requested"] if row else None


async def end_run(
    connection: Connection,
    run_id: str,
    user_id: str,
    outcome: Outcome,
    *,
    seq: int,
    events: list[str],
) -> bool:
    """Close the run and settle what it replaced. False where someone else had ended it."""
    row = await (
        await connection.execute(
            _queries.end_run,
            {
                "id": run_id,
                "user_id": user_id,
                "status": outcome.status,
                "error": outcome.error,
                "input_tokens": outcome.input_tokens,
                "output_tokens": outcome.output_tokens,
                "seq": seq,
                "events": _lines(events),
            },
        )
    ).fetchone()
    if row is None:
        return False
    await settle_retry(connection, run_id, keep_new=outcome.status == "completed")
    return True


def _lines(events: list[str]) -> str | None:
    return "\n".join(events) if events else None


async def request_stop(connection: Connection, user_id: str, thread_id: str) -> bool:
    """Ask the thread's run to stop; False where nothing runs. Raises `NotFoundError`."""
    thread = {"thread_id": thread_id, "user_id": user_id}
    if await (await connection.execute(_queries.lock_thread, thread)).fetchone() is None:
        raise NotFoundError("There is no such thread.")
    return await (await connection.execute(_queries.request_stop, thread)).fetchone() is not None


async def is_stopped(connection: Connection, run_id: str, user_id: str) -> bool:
    """Whether a tool of this run may no longer start."""
    row = await (
        await connection.execute(_queries.is_stopped, {"id": run_id, "user_id": user_id})
    ).fetchone()
    return row is None or bool(row["stopped"])


async def find_running(connection: Connection, user_id: str, thread_id: str) -> Run | None:
    """The run that is answering in the person's thread now."""
    row = await (
        await connection.execute(
            _queries.find_running, {"thread_id": thread_id, "user_id": user_id}
        )
    ).fetchone()
    return Run(**row) if row else None
