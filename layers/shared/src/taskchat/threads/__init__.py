"""Conversations: ChatKit's threads and items, kept in Postgres."""

from taskchat.threads.errors import NotStoredError
from taskchat.threads.items import append_item, load_locked_item, require_thread, save_feedback
from taskchat.threads.store import MAX_ITEMS, PostgresStore

__all__ = [
    "MAX_ITEMS",
    "NotStoredError",
    "PostgresStore",
    "append_item",
    "load_locked_item",
    "require_thread",
    "save_feedback",
]
