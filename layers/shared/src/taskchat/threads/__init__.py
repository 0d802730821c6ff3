"""Conversations: ChatKit's threads and items, kept in Postgres."""

from taskchat.threads.errors import NotStoredError
from taskchat.threads.items import (
    append_item,
    load_locked_item,
    load_newest_items,
    require_thread,
    save_feedback,
    set_aside_answer,
)
from taskchat.threads.store import MAX_ITEMS, PostgresStore

__all__ = [
    "MAX_ITEMS",
    "NotStoredError",
    "PostgresStore",
    "append_item",
    "load_locked_item",
    "load_newest_items",
    "require_thread",
    "save_feedback",
    "set_aside_answer",
]
