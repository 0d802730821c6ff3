"""The REST API: session, tasks, undo and the stopping of runs; buffered, by Mangum on Lambda."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from fastapi import FastAPI
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.types import LambdaContext, LambdaEvent
from starlette.middleware import Middleware

from functions.api import account, changes, health, runs, session, tasks
from functions.api.dependencies import Services
from functions.api.head import HeadMiddleware
from functions.api.json_bodies import JsonBodyMiddleware
from functions.api.logs import configure_format
from functions.api.problems import PROBLEM_RESPONSES, install_validation_handler
from functions.observability import configure_logs, emit_metrics
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.settings import (
    AuthSettings,
    DatabaseSettings,
    Environment,
    LimitSettings,
    ModelSettings,
    WebSettings,
)
from taskchat.web import Authenticator, install_web
from taskchat.web.problems import MEDIA_TYPE


@dataclass(frozen=True)
class ApiSettings:
    """All that this function reads from its environment."""

    database: DatabaseSettings
    auth: AuthSettings
    limits: LimitSettings
    web: WebSettings
    model: ModelSettings

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Raises `SettingsError`."""
        return cls(
            database=DatabaseSettings.from_environment(environment),
            auth=AuthSettings.from_environment(environment),
            limits=LimitSettings.from_environment(environment),
            web=WebSettings.from_environment(environment),
            model=ModelSettings.from_environment(environment),
        )


def create_app(settings: ApiSettings) -> FastAPI:
    """The application; its lifespan opens and closes the database."""
    database = Database(settings.database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        try:
            yield
        finally:
            await database.close()

    app = FastAPI(
        title="Task assistant",
        lifespan=lifespan,
        middleware=[Middleware(HeadMiddleware), Middleware(JsonBodyMiddleware)],
        redirect_slashes=False,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    install_web(app)
    install_validation_handler(app)
    app.state.services = Services(
        database=database,
        authenticator=Authenticator(create_verifier(settings.auth), settings.web.allowed_origins),
        limits=settings.limits,
        web=settings.web,
        model=settings.model,
    )
    for module in (health, session, tasks, changes, runs, account):
        app.include_router(module.router)
    return app


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """What Lambda calls, with the events of a function URL or of API Gateway."""
    return _adapter()(event, context)


@cache
def _adapter() -> Mangum:
    """Everything that lives as long as the environment: made at its first event, never closed.

    Mangum would run the lifespan around each event, and so connect to the database each time.
    """
    configure_format()
    configure_logs()
    emit_metrics("api")
    app = create_app(ApiSettings.from_environment(os.environ))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    lifespan = app.router.lifespan_context(app)
    loop.run_until_complete(lifespan.__aenter__())
    app.state.lifespan = lifespan  # held, since its finalizer would close the database
    return Mangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])
