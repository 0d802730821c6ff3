"""Attachments as rows. See `repository`."""

from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.threads.storable import storable_text

_queries = load_queries("attachments")


async def put_attachment(
    connection: Connection,
    user_id: str,
    attachment_id: str,
    thread_id: str | None,
    payload: Jsonb,
) -> bool:
    """Create or replace an attachment. False if it, or its thread, belongs to someone else."""
    thread = None if thread_id is None else storable_text(thread_id)
    values = {**_key(user_id, attachment_id), "thread_id": thread, "payload": payload}
    return (await connection.execute(_queries.upsert_attachment, values)).rowcount > 0


async def get_attachment(
    connection: Connection, user_id: str, attachment_id: str
) -> DictRow | None:
    """The attachment's row."""
    return await fetch_one(connection, _queries.get_attachment, _key(user_id, attachment_id))


async def delete_attachment(connection: Connection, user_id: str, attachment_id: str) -> bool:
    """Delete the attachment. False if there is none."""
    key = _key(user_id, attachment_id)
    return (await connection.execute(_queries.delete_attachment, key)).rowcount > 0


def _key(user_id: str, attachment_id: str) -> dict[str, Any]:
    return {"user_id": user_id, "id": storable_text(attachment_id)}
