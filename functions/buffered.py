"""Sets up the buffered functions, which Mangum adapts to Lambda, at their first event."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import override

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from starlette.applications import Starlette

from functions.observability import configure_logs, emit_metrics
from taskchat.web.problems import MEDIA_TYPE


def create_adapter(service: str, create_app: Callable[[], Starlette]) -> Mangum:
    """Create everything that lives as long as the environment; nothing closes it.

    Mangum would run the lifespan around each event, and so connect to the database each time.
    """
    _configure_format(service)
    configure_logs()
    emit_metrics(service)
    app = create_app()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    lifespan = app.router.lifespan_context(app)
    loop.run_until_complete(lifespan.__aenter__())
    app.state.lifespan = lifespan  # held, since its finalizer would close the database
    return Mangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])


class _LineFormatter(LambdaPowertoolsFormatter):
    """Ends each line: Lambda's own handlers write exactly what their formatter returns."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)}\n"


def _configure_format(service: str) -> None:
    """Make the existing handlers write JSON, with the bound fields.

    Only where Lambda does not write JSON itself, such as under `sam local`.
    """
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        return
    for handler in logging.getLogger().handlers:
        ends_lines = isinstance(handler, logging.StreamHandler)
        formatter = LambdaPowertoolsFormatter if ends_lines else _LineFormatter
        handler.setFormatter(formatter(service=service))
