"""Makes values from models and people storable in Postgres."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Postgres refuses NUL and lone surrogates, both in text and in JSON.
_UNSTORABLE = {0: _REPLACEMENT} | dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)


def storable_text(text: str) -> str:
    """The text with each NUL and lone surrogate replaced by U+FFFD."""
    return text.translate(_UNSTORABLE)


def storable_json(value: Any) -> Jsonb:
    """A value that pydantic can convert to JSON, with its texts and keys made storable."""
    return Jsonb(to_jsonable_python(_storable(value), inf_nan_mode="null"))


def storable_payload(model: BaseModel, *, beside: set[str]) -> Jsonb:
    """A model's fields, without those that have their own column (`beside`)."""
    return storable_json(model.model_dump(mode="python", exclude=beside))


def storable_time(moment: datetime) -> datetime:
    """The time in UTC. Times without a zone, as the SDK makes them, are the server's local time."""
    return moment.astimezone(UTC)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    return value
