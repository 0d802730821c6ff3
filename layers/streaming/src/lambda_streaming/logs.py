"""Formats log records for Lambda: framed or on stdout, as text or JSON, with their request id."""

import io
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

from lambda_streaming.context import current_context

# Records written to the descriptor in _LAMBDA_TELEMETRY_LOG_FD are framed: type, length and time
# come before each record, so a record may have several lines. The low byte of the type holds the
# format and, from bit 2 on, the level. Lambda does not filter records without a level.
_FRAME_TYPE = 0xA55A0000
_TEXT, _JSON = 0x03, 0x02
_LEVEL_CODES = {"DEBUG": 2, "INFO": 3, "WARNING": 4, "ERROR": 5, "CRITICAL": 6}

_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

Emit = Callable[[str, int], None]


def configure_logging(environ: MutableMapping[str, str]) -> None:
    """Send the root logger's records to Lambda, following the function's logging configuration.

    ``AWS_LAMBDA_LOG_FORMAT`` is Text or JSON, ``AWS_LAMBDA_LOG_LEVEL`` one of Lambda's levels.
    ``print`` still writes to stdout, one line at a time.
    """
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    as_json = environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
    level = _level(environ.get("AWS_LAMBDA_LOG_LEVEL", ""))
    # Removed, so that no child process writes unframed records there.
    descriptor = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
    emit = _to_stdout if descriptor is None else _to_frames(int(descriptor))
    handler = _LambdaHandler(emit, as_json=as_json, levelled=as_json or level is not None)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    if level is not None:
        root.setLevel(level)


class _UtcFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)


class TextFormatter(_UtcFormatter):
    """The managed runtime's format: level, UTC time, request id and message, separated by tabs."""

    def __init__(self) -> None:
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(request_id)s\t%(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )

    def format(self, record: logging.LogRecord) -> str:
        context = current_context()
        record.request_id = "" if context is None else context.aws_request_id
        return super().format(record)


class JsonFormatter(_UtcFormatter):
    """The managed runtime's fields, followed by the record's ``extra`` fields."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "message": record.getMessage() if record.args else record.msg,
            "logger": record.name,
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            document["errorType"] = kind.__name__
            document["errorMessage"] = str(error)
            document["stackTrace"] = traceback.format_tb(trace)
            document["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        if (context := current_context()) is not None:
            document["requestId"] = context.aws_request_id
            if context.tenant_id is not None:
                document["tenantId"] = context.tenant_id
        for name, value in vars(record).items():
            if name not in _OWN_FIELDS:
                document.setdefault(name, value)
        return json.dumps(document, ensure_ascii=False, default=str)


class _LambdaHandler(logging.Handler):
    def __init__(self, emit: Emit, *, as_json: bool, levelled: bool) -> None:
        super().__init__()
        self._emit = emit
        self._format_code = _JSON if as_json else _TEXT
        self._levelled = levelled

    def emit(self, record: logging.LogRecord) -> None:
        try:
            frame_type = _FRAME_TYPE | self._format_code
            if self._levelled:
                frame_type |= _level_code(record.levelno) << 2
            self._emit(self.format(record), frame_type)
        except Exception:  # noqa: BLE001 - as the standard library's handlers do
            self.handleError(record)


def _level(name: str) -> int | None:
    """Map a Lambda level to Python's: TRACE is DEBUG, FATAL is CRITICAL."""
    name = name.upper()
    return logging.getLevelNamesMapping().get({"TRACE": "DEBUG"}.get(name, name))


def _level_code(level: int) -> int:
    name = logging.getLevelName(min(logging.CRITICAL, level // 10 * 10))
    return _LEVEL_CODES.get(name, 0)


def _to_stdout(text: str, _: int) -> None:
    # One write, with carriage returns inside; otherwise each line would become a separate record.
    sys.stdout.write(text.replace("\n", "\r") + "\n")


def _to_frames(descriptor: int) -> Emit:
    def emit(text: str, frame_type: int) -> None:
        message = text.encode("utf-8", "backslashreplace")
        microseconds = time.time_ns() // 1000
        frame = (
            frame_type.to_bytes(4, "big")
            + len(message).to_bytes(4, "big")
            + microseconds.to_bytes(8, "big")
            + message
        )
        while frame:
            frame = frame[os.write(descriptor, frame) :]

    return emit
