"""Adds the ids of the request, run and tool call to every log line."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=MappingProxyType({}))


def bind_log_fields(**fields: str) -> None:
    """Add fields to the later log lines of this asyncio task, and of the tasks it starts."""
    _fields.set({**_fields.get(), **fields})


class LogContextFilter(logging.Filter):
    """Puts the bound fields on each record that passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always passes the record. A field that the record already has is kept."""
        for name, value in _fields.get().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
