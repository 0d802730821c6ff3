"""Erases an account: no row of the person remains.

Erasing an account also resets its limits, so erasure itself is limited. To count erasures, a hash
of the person's id is kept for a day; the id itself is not.
"""

import asyncio
import hashlib
import math

from taskchat.database import Connection, Database, fetch_all, fetch_one, load_queries, with_retries
from taskchat.errors import TooManyErasuresError

_queries = load_queries("account")

MAX_ERASURES_PER_DAY = 3
END_SECONDS = 5.0
"""How long running answers have to end by themselves. If one does not, because its process hangs or
died, its rows are deleted all the same. The process finds its run gone at the next heartbeat and
stops writing."""

_POLL_SECONDS = 0.1
_RETRY_SECONDS = 3.0


async def erase_account(database: Database, user_id: str) -> None:
    """Stop the person's running answers, then delete all their data.

    An account that does not exist counts as erased. Raises `TooManyErasuresError`.
    """
    await with_retries(lambda: _stop_runs(database, user_id), _RETRY_SECONDS)
    await _wait_for_runs(database, user_id)
    await with_retries(lambda: _delete(database, user_id), _RETRY_SECONDS)


async def _stop_runs(database: Database, user_id: str) -> None:
    async with database.transaction() as connection:
        await _require_few_erasures(connection, user_id)
        await connection.execute(_queries.stop_runs, {"user_id": user_id})


async def _wait_for_runs(database: Database, user_id: str) -> None:
    clock = asyncio.get_running_loop()
    give_up_at = clock.time() + END_SECONDS
    while clock.time() < give_up_at:
        async with database.transaction() as connection:
            (row,) = await fetch_all(connection, _queries.count_running, {"user_id": user_id})
        if row["count"] == 0:
            return
        await asyncio.sleep(_POLL_SECONDS)


async def _delete(database: Database, user_id: str) -> None:
    person = {"user_id": user_id}
    async with database.transaction() as connection:
        await connection.execute(_queries.lock_runs, person)
        if await fetch_one(connection, _queries.lock_user, person) is None:
            return
        await _require_few_erasures(connection, user_id)
        await connection.execute(_queries.insert_erasure, {"person_hash": _hash(user_id)})
        await connection.execute(_queries.delete_user, person)


async def _require_few_erasures(connection: Connection, user_id: str) -> None:
    parameters = {"person_hash": _hash(user_id)}
    (row,) = await fetch_all(connection, _queries.count_erasures, parameters)
    if row["count"] >= MAX_ERASURES_PER_DAY:
        raise TooManyErasuresError(
            f"An account can be erased {MAX_ERASURES_PER_DAY} times within 24 hours.",
            resets_at=row["resets_at"],
            retry_after=max(1, math.ceil(row["seconds_left"])),
        )


def _hash(user_id: str) -> bytes:
    return hashlib.sha256(user_id.encode()).digest()
