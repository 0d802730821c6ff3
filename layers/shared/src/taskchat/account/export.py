"""Exports all of a person's data as one document."""

from typing import Any

from taskchat.clock import utc_now
from taskchat.database import Connection, fetch_all, load_queries

_queries = load_queries("account")

VERSION = 1
"""The version of the document's format."""

_LISTS = (
    "tasks",
    "threads",
    "attachments",
    "feedback",
    "runs",
    "tool_calls",
    "changes",
    "confirmations",
    "clicks",
    "message_counts",
    "change_counts",
    "token_counts",
)

type Row = dict[str, Any]


async def export_account(connection: Connection, user_id: str) -> dict[str, Any]:
    """All of the person's data at one moment. Call it first in its transaction.

    `user` is null for someone who has never written. Each other member is a list of rows; each
    thread contains its `items` in order. Times are `datetime` in UTC.
    """
    await connection.execute(_queries.begin_snapshot)
    users = await _read(connection, "get_user", user_id)
    document: dict[str, Any] = {
        "version": VERSION,
        "exported_at": utc_now(),
        "user": users[0] if users else None,
    }
    for name in _LISTS:
        document[name] = await _read(connection, f"list_{name}", user_id)
    items: dict[str, list[Row]] = {thread["id"]: [] for thread in document["threads"]}
    for item in await _read(connection, "list_items", user_id):
        items[item.pop("thread_id")].append(item)
    for thread in document["threads"]:
        thread["items"] = items[thread["id"]]
    return document


async def _read(connection: Connection, query: str, user_id: str) -> list[Row]:
    return await fetch_all(connection, getattr(_queries, query), {"user_id": user_id})
