"""The chat function: wires settings, database, model, server and endpoint into an ASGI app."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.chatkit.agent import create_agent
from functions.chatkit.answers import Answers
from functions.chatkit.clicks import Clicks
from functions.chatkit.endpoint import ChatEndpoint
from functions.chatkit.server import TaskChatServer
from functions.chatkit.settings import ChatSettings
from functions.observability import configure_logs, emit_metrics
from lambda_streaming import Handler
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.gemini import create_client, create_model
from taskchat.runs.execution import finish_all
from taskchat.secrets import read_secret
from taskchat.web import Authenticator, install_web

# Lambda gives a shutdown two seconds, of which its runtime uses some (lambda_streaming.server).
FINISH_SECONDS = 0.4
END_SECONDS = 0.6


def create_app(settings: ChatSettings) -> Starlette:
    """The app; nothing connects before its lifespan starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        gemini = settings.gemini
        key = gemini.api_key.get_secret_value() if gemini.api_key else None
        client = create_client(gemini, key or read_secret(gemini.api_key_secret_arn or ""))
        database = Database(settings.database)
        await database.open()
        agent = create_agent(create_model(gemini, client), settings.runs.tool_timeout_seconds)
        server = TaskChatServer(database, agent)
        answers = Answers(database, server, settings.limits)
        app.state.endpoint = ChatEndpoint(
            server=server,
            answers=answers,
            clicks=Clicks(database=database),
            authenticator=Authenticator(
                create_verifier(settings.auth), settings.web.allowed_origins
            ),
            run_timeout_seconds=settings.runs.run_timeout_seconds,
        )
        try:
            yield
        finally:
            await finish_all(
                answers.in_progress, grace_seconds=FINISH_SECONDS, end_seconds=END_SECONDS
            )
            await client.close()
            await database.close()

    async def chatkit(request: Request) -> Response:
        endpoint: ChatEndpoint = request.app.state.endpoint
        return await endpoint(request)

    app = Starlette(routes=[Route("/api/chatkit", chatkit, methods=["POST"])], lifespan=lifespan)
    install_web(app)
    return app


def _create() -> ASGIApp:
    configure_logs()
    emit_metrics("chatkit")
    return create_app(ChatSettings.from_environment(os.environ))


handler = Handler(_create)
"""What Lambda calls: streamed by the streaming runtime, whole where that is missing."""
