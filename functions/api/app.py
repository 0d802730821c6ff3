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
from functions.api.head import HeadMiddleware
from functions.api.logs import configure_format
from functions.api.openapi import PROBLEM_RESPONSES
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
    authenticator = Authenticator(create_verifier(settings.auth), settings.web.allowed_origins)

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
        middleware=[Middleware(HeadMiddleware)],
        redirect_slashes=False,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    install_web(app)
    health.add_routes(app, database)
    session.add_routes(
        app, database, authenticator, settings.web, settings.limits, settings.model.model
    )
    tasks.add_routes(app, database, authenticator, settings.limits)
    changes.add_routes(app, database, authenticator, settings.limits)
    runs.add_routes(app, database, authenticator)
    account.add_routes(app, database, authenticator, settings.web)
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
