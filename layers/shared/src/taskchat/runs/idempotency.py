"""Idempotency keys: recognise a request that was sent again, for example after a network error.

The key of an answer is stored with its run. A click has no run, so its key is stored with its
response. A click's key is stored before the action, and the response after it. If the response is
missing, the action is performed again, which is harmless: every action is idempotent.
"""

from dataclasses import dataclass

from psycopg import AsyncCursor
from psycopg.rows import DictRow

from taskchat.database import Connection, load_queries
from taskchat.errors import IdempotencyKeyReusedError
from taskchat.runs.models import IdempotencyKey
from taskchat.users import User, ensure_user

_queries = load_queries("runs")


@dataclass(frozen=True)
class EarlierRequest:
    """An earlier request with the same key and body.

    For an answer, it has the run's id. For a click, it has the response as a text, once known.
    """

    run_id: str | None
    response: str | None


async def ask_for_request(
    connection: Connection, user_id: str, key: IdempotencyKey
) -> AsyncCursor[DictRow]:
    """Query which request the person's key belongs to. `earlier_request` reads the cursor.

    Other requests with this key wait until the transaction ends.
    """
    parameters = {"user_id": user_id, "key": key.value}
    async with connection.pipelined():
        await connection.execute(_queries.take_key, parameters)
        return await connection.execute(_queries.find_request, parameters)


async def earlier_request(
    asked: AsyncCursor[DictRow], key: IdempotencyKey
) -> EarlierRequest | None:
    """The earlier request with the key, if there is one.

    Raises `IdempotencyKeyReusedError` if that request had a different body.
    """
    row = await asked.fetchone()
    if row is None:
        return None
    if row["request_hash"] != key.request_hash:
        raise IdempotencyKeyReusedError(
            "This Idempotency-Key came before, with another request. Use a new key."
        )
    return EarlierRequest(row["run_id"], row["response"])


async def begin_click(connection: Connection, user: User, key: IdempotencyKey) -> str | None:
    """Store the key of a click. If it was stored before, return the stored response, if any."""
    await ensure_user(connection, user)
    asked = await ask_for_request(connection, user.id, key)
    earlier = await earlier_request(asked, key)
    if earlier:
        return earlier.response
    await connection.execute(
        _queries.insert_click,
        {"user_id": user.id, "key": key.value, "request_hash": key.request_hash},
    )
    return None


async def end_click(connection: Connection, user: User, key: IdempotencyKey, response: str) -> None:
    """Store the response for later requests with the same key. The first response counts."""
    await connection.execute(
        _queries.end_click, {"user_id": user.id, "key": key.value, "response": response}
    )
