"""Logs where Lambda does not write JSON itself, as under `sam local`: one object per line."""

import logging
import os
from typing import override

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter


class _LineFormatter(LambdaPowertoolsFormatter):
    """Ends each line: Lambda's own handlers write just what their formatter gives."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)}\n"


def configure_format() -> None:
    """Let the handlers that there are write JSON, with the fields that are bound."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        return
    for handler in logging.getLogger().handlers:
        ends_lines = isinstance(handler, logging.StreamHandler)
        formatter = LambdaPowertoolsFormatter if ends_lines else _LineFormatter
        handler.setFormatter(formatter(service="api"))
