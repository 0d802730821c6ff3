"""Converts rows to the SDK's models."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from chatkit.types import Attachment, ThreadItem, ThreadMetadata
from psycopg.rows import DictRow
from pydantic import TypeAdapter, ValidationError

logger = logging.getLogger(__name__)


def read_item(row: DictRow) -> ThreadItem:
    """The item of a row. Raises `ValidationError` if the payload does not fit the SDK's model."""
    return _item_reader().validate_python(
        _with_columns(row, "id", "thread_id", "type", "created_at")
    )


def read_item_or_none(row: DictRow) -> ThreadItem | None:
    """The item of a row, or None if it cannot be read, so that the rest of the thread still can."""
    try:
        return read_item(row)
    except ValidationError as error:
        # The error itself must not be logged: it quotes what the person wrote.
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


# Building these takes tens of milliseconds, which would slow a cold start down if done at import.
@cache
def _item_reader() -> TypeAdapter[ThreadItem]:
    return TypeAdapter(ThreadItem)


@cache
def _attachment_reader() -> TypeAdapter[Attachment]:
    return TypeAdapter(Attachment)
