"""What every log line of a request, run or tool call carries: their ids."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar

_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default={})  # noqa: B039 - never changed


def bind_log_fields(**fields: str) -> None:
    """Add fields to the log lines of this task from here on, and of the tasks that it starts."""
    _fields.set({**_fields.get(), **fields})


class LogContextFilter(logging.Filter):
    """Puts the bound fields on each record that passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never refuses one. A field that the record has already stays."""
        for name, value in _fields.get().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
