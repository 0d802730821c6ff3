"""ChatKit's events as JSON texts, without the SDK's models, which are slow to import."""

import json
from datetime import datetime
from typing import Any


def error_event(message: str, *, allow_retry: bool = True) -> str:
    """An error with our own message."""
    event = {"type": "error", "code": "custom", "message": message, "allow_retry": allow_retry}
    return json.dumps(event)


def item_done_event(row: dict[str, Any]) -> str:
    """The completion of a stored item."""
    columns = {column: row[column] for column in ("id", "thread_id", "type")}
    item = {**row["payload"], **columns, "created_at": _time(row["created_at"])}
    return json.dumps({"type": "thread.item.done", "item": _without_nulls(item)})


def thread_created_event(row: dict[str, Any]) -> str:
    """The creation of a stored thread, without its items."""
    columns = {column: row[column] for column in ("id", "title", "status")}
    items: dict[str, Any] = {"data": [], "has_more": False}
    thread = {**columns, "created_at": _time(row["created_at"]), "items": items}
    return json.dumps({"type": "thread.created", "thread": _without_nulls(thread)})


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _without_nulls(value: Any) -> Any:
    """The value without nulls, which the SDK leaves out of its events, too."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
