"""Requests that come twice under one key: by the network's doing, the person meant one.

An answer's key is kept with its run; a click's, which makes no run, with its response. For a click
the key is taken before it is carried out and its response added after: where that response is
missing, carrying it out again is harmless, since every action changes nothing the second time.
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
    """A request that came before with the same key and body.

    An answer's has its run; a click's has its response (a text) once that is known.
    """

    run_id: str | None
    response: str | None


async def ask_for_request(
    connection: Connection, user_id: str, key: IdempotencyKey
) -> AsyncCursor[DictRow]:
    """Ask which request the person's key belongs to; others with it wait for this transaction.

    `earlier_request` reads the cursor.
    """
    parameters = {"user_id": user_id, "key": key.value}
    async with connection.pipelined():
        await connection.execute(_queries.take_key, parameters)
        return await connection.execute(_queries.find_request, parameters)


async def earlier_request(
    asked: AsyncCursor[DictRow], key: IdempotencyKey
) -> EarlierRequest | None:
    """The request that came before with the key.

    Raises `IdempotencyKeyReusedError` where that request had another body.
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
    """Take the key for a click, or give the response that it had before."""
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
    """Keep the response for whoever comes with the same key; the first one counts."""
    await connection.execute(
        _queries.end_click, {"user_id": user.id, "key": key.value, "response": response}
    )
