"""The chat as an ASGI app: wires settings, database, model and endpoint together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.chatkit.actions import Clicks
from functions.chatkit.answer.answers import Answers
from functions.chatkit.answer.loading import ASSISTANT, AssistantLoader
from functions.chatkit.http.endpoint import ChatEndpoint
from functions.chatkit.http.threads import ThreadRequests
from functions.chatkit.settings import ChatSettings
from taskchat.attachments.service import Attachments
from taskchat.attachments.storage import open_storage
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.runs.shutdown import finish_all
from taskchat.web import Authenticator, install_web


def create_app(settings: ChatSettings, *, assistant_when_needed: bool = False) -> Starlette:
    """Create the app. Nothing connects before its lifespan starts.

    With `assistant_when_needed`, the assistant is imported for the first answer, so that its import
    does not delay other requests. That is right where one request waits for the process to start,
    and wrong where many arrive at once.
    """
    if not assistant_when_needed:
        import_module(ASSISTANT)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(settings.database)
        files = open_storage(settings.attachments)
        attachments = None
        if files and settings.gemini.vision:
            attachments = Attachments(database=database, storage=files, limits=settings.limits)
        assistant = AssistantLoader(
            database, settings, files if attachments else None, when_needed=assistant_when_needed
        )
        await database.open()
        answers = Answers(
            database=database,
            limits=settings.limits,
            attachments=attachments,
            start_agent=assistant.start,
            in_progress={},
        )
        app.state.endpoint = ChatEndpoint(
            answers=answers,
            clicks=Clicks(database=database, limits=settings.limits),
            threads=ThreadRequests(database, files),
            attachments=attachments,
            files=files,
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
