"""Between the SDK's models and what Postgres can hold."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from chatkit.types import Attachment, ThreadItem, ThreadMetadata
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 1
"""Of the payloads written now. Raise it with a change that older code could not read."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Postgres refuses NUL in text and JSON, and neither holds surrogates without their other half.
_UNSTORABLE = {0: _REPLACEMENT} | dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)


def storable_text(text: str) -> str:
    """The text with each NUL and lone surrogate replaced by U+FFFD."""
    return text.translate(_UNSTORABLE)


def storable_json(value: Any) -> Jsonb:
    """Any value that pydantic can express as JSON, texts and keys made storable."""
    return Jsonb(to_jsonable_python(_storable(value), inf_nan_mode="null"))


def storable_payload(model: BaseModel, *, beside: set[str]) -> Jsonb:
    """A model's fields but those that have a column of their own."""
    return storable_json(model.model_dump(mode="python", exclude=beside))


def storable_time(moment: datetime) -> datetime:
    """The instant in UTC; the SDK's times without zone are in the server's."""
    return moment.astimezone(UTC)


def read_item(row: DictRow) -> ThreadItem:
    """The item of a row. Raises `ValidationError` when the payload is no longer understood."""
    return _item_reader().validate_python(
        _with_columns(row, "id", "thread_id", "type", "created_at")
    )


def read_item_or_none(row: DictRow) -> ThreadItem | None:
    """The row's item, or None: one that cannot be read must not take its thread with it."""
    try:
        return read_item(row)
    except ValidationError as error:
        # Not the error itself: it quotes what the person wrote.
        problems = [(problem["loc"], problem["type"]) for problem in error.errors()]
        logger.warning("Skipped unreadable item %s: %s", row["id"], problems)
        return None


def read_attachment(row: DictRow) -> Attachment:
    """The attachment of a row."""
    return _attachment_reader().validate_python(_with_columns(row, "id", "thread_id"))


def read_thread(row: DictRow) -> ThreadMetadata:
    """The thread of a row, without items."""
    return ThreadMetadata.model_validate(row)


def _with_columns(row: Mapping[str, Any], *columns: str) -> dict[str, Any]:
    return {**row["payload"], **{column: row[column] for column in columns}}


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    return value


# Building these takes tens of milliseconds, which a cold start should not pay at import.
@cache
def _item_reader() -> TypeAdapter[ThreadItem]:
    return TypeAdapter(ThreadItem)


@cache
def _attachment_reader() -> TypeAdapter[Attachment]:
    return TypeAdapter(Attachment)
