"""Logs on Lambda: one JSON object per line, with the request's id."""

import logging

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from taskchat.web.request_id import RequestIdFilter


def configure_logging() -> None:
    """Let the handlers that Lambda has installed write JSON, from level INFO."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in root.handlers:
        handler.setFormatter(LambdaPowertoolsFormatter(service="api"))
        handler.addFilter(RequestIdFilter())
