"""The chat function: wires settings, database, model, server and endpoint into an ASGI app."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.chatkit.actions import Clicks
from functions.chatkit.answer.answers import Answers
from functions.chatkit.answer.loading import AssistantLoader
from functions.chatkit.http.endpoint import ChatEndpoint
from functions.chatkit.http.threads import ThreadRequests
from functions.chatkit.settings import ChatSettings
from functions.observability import configure_logs, emit_metrics
from lambda_streaming import Handler
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.runs.shutdown import finish_all
from taskchat.web import Authenticator, install_web


def create_app(settings: ChatSettings) -> Starlette:
    """The app; nothing connects before its lifespan starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(settings.database)
        assistant = AssistantLoader(database, settings)
        await database.open()
        answers = Answers(
            database=database, limits=settings.limits, start_agent=assistant.start, in_progress={}
        )
        app.state.endpoint = ChatEndpoint(
            answers=answers,
            clicks=Clicks(database=database, limits=settings.limits),
            threads=ThreadRequests(database),
            authenticator=Authenticator(
                create_verifier(settings.auth), settings.web.allowed_origins
            ),
            run_timeout_seconds=settings.runs.run_timeout_seconds,
        )
        try:
            yield
        finally:
            await finish_all(answers.in_progress)
            await assistant.close()
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
