"""The chat function's entry point. It imports as little as possible before it responds."""

import os

from starlette.types import ASGIApp

from functions.chatkit.lean_imports import build_validators, install, without_collection
from lambda_streaming import Handler


def _create() -> ASGIApp:
    install()
    with without_collection():
        from functions.chatkit.application import create_app
        from functions.chatkit.settings import ChatSettings
        from functions.observability import configure_logs, emit_metrics

        configure_logs()
        emit_metrics("chatkit")
        settings = ChatSettings.from_environment(os.environ)
        one_request_waits = _one_request_waits()
        app = create_app(settings, assistant_when_needed=one_request_waits)
        if not one_request_waits:
            build_validators()
        return app


def _one_request_waits() -> bool:
    """Whether Lambda starts this environment because of a request.

    It does not if it takes a snapshot, provisions environments ahead, or gives them many requests
    at once. Then everything an answer needs must be ready when the first request comes.
    """
    return (
        os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand") == "on-demand"
        and os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1") == "1"
    )


handler = Handler(_create)
"""Lambda's entry point. The streaming runtime streams the response; without it, the response is
buffered."""
