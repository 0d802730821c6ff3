"""What Postgres can hold, made of what comes from models and people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

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


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    return value
