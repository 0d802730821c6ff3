"""The rows that a run sets aside while it retries a message. See `repository`."""

from typing import Any

from psycopg.rows import DictRow

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.threads.storable import storable_text

_queries = load_queries("threads")


async def find_answered_message(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> DictRow | None:
    """The `type` of the item to retry, and whether there are later messages (`has_later`)."""
    key = _key(user_id, thread_id, item_id)
    return await fetch_one(connection, _queries.find_answered_message, key)


async def set_aside_answer(
    connection: Connection, user_id: str, thread_id: str, item_id: str, run_id: str
) -> None:
    """Set aside the items after a message, until `settle_retry`."""
    key = _key(user_id, thread_id, item_id)
    await connection.execute(_queries.set_aside_answer, {**key, "run_id": run_id})


async def settle_retry(connection: Connection, run_id: str, *, keep_new: bool) -> None:
    """Delete (`keep_new`) or restore the items that a retry has set aside.

    Does nothing for any other run.
    """
    query = _queries.delete_superseded if keep_new else _queries.restore_superseded
    await connection.execute(query, {"run_id": run_id})


def _key(user_id: str, thread_id: str, item_id: str) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "thread_id": storable_text(thread_id),
        "id": storable_text(item_id),
    }
