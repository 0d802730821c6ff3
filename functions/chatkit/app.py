"""What Lambda starts: the chat, with as little as possible imported before it answers."""

import os

from starlette.types import ASGIApp

from functions.chatkit.lean_imports import install, without_collection
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
        return create_app(settings, assistant_when_needed=_one_request_waits())


def _one_request_waits() -> bool:
    """Whether Lambda starts this environment because of a request.

    It does not where it takes a snapshot, provisions environments ahead, or gives them many
    requests at once: then all that an answer needs is to be there when the first one comes.
    """
    return (
        os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand") == "on-demand"
        and os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1") == "1"
    )


handler = Handler(_create)
"""What Lambda calls: streamed by the streaming runtime, whole where that is missing."""
