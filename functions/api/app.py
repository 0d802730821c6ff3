"""The REST API: session, account, tasks, undo and stopping runs. Buffered, by Mangum on Lambda."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from fastapi import FastAPI
from mangum import Mangum
from mangum.types import LambdaContext, LambdaEvent
from starlette.middleware import Middleware

from functions.api import account, changes, health, runs, session, tasks
from functions.api.dependencies import Services
from functions.api.description import DescribedFastAPI
from functions.api.head import HeadMiddleware
from functions.api.json_bodies import JsonBodyMiddleware
from functions.api.problems import PROBLEM_RESPONSES, install_validation_handler
from functions.buffered import create_adapter
from taskchat.attachments.storage import open_storage
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.settings import (
    AttachmentSettings,
    AuthSettings,
    DatabaseSettings,
    LimitSettings,
    ModelSettings,
    WebSettings,
)
from taskchat.settings_group import Environment
from taskchat.web import Authenticator, install_web


@dataclass(frozen=True)
class ApiSettings:
    """Everything that this function reads from its environment."""

    database: DatabaseSettings
    auth: AuthSettings
    limits: LimitSettings
    web: WebSettings
    model: ModelSettings
    attachments: AttachmentSettings = field(default_factory=AttachmentSettings)

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Raises `SettingsError`."""
        return cls(
            database=DatabaseSettings.from_environment(environment),
            auth=AuthSettings.from_environment(environment),
            limits=LimitSettings.from_environment(environment),
            web=WebSettings.from_environment(environment),
            model=ModelSettings.from_environment(environment),
            attachments=AttachmentSettings.from_environment(environment),
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

    app = DescribedFastAPI(
        title="Task assistant",
        lifespan=lifespan,
        middleware=[Middleware(HeadMiddleware), Middleware(JsonBodyMiddleware)],
        redirect_slashes=False,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
        generate_unique_id_function=lambda route: route.name,
    )
    install_web(app)
    install_validation_handler(app)
    app.state.services = Services(
        database=database,
        authenticator=Authenticator(create_verifier(settings.auth), settings.web.allowed_origins),
        limits=settings.limits,
        web=settings.web,
        model=settings.model,
        files=open_storage(settings.attachments),
    )
    for module in (health, session, tasks, changes, runs, account):
        app.include_router(module.router)
    return app


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point, for events of a function URL or of API Gateway."""
    return _adapter()(event, context)


@cache
def _adapter() -> Mangum:
    return create_adapter("api", lambda: create_app(ApiSettings.from_environment(os.environ)))
