"""The tools for any MCP client. Buffered, by Mangum on Lambda."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from mangum import Mangum
from mangum.types import LambdaContext, LambdaEvent
from starlette.applications import Starlette
from starlette.routing import Route

from functions.buffered import create_adapter
from functions.mcp.endpoint import McpEndpoint
from functions.mcp.metadata import MCP_PATH, METADATA_PATH, ResourceMetadata
from functions.mcp.server import create_server
from functions.mcp.settings import McpSettings
from taskchat.auth import create_verifier
from taskchat.database import Database
from taskchat.errors import UnauthenticatedError
from taskchat.web import install_web


def create_app(settings: McpSettings) -> Starlette:
    """The application; its lifespan opens and closes the database."""
    # The SDK logs several lines per message; our own lines say what was called.
    logging.getLogger("mcp").setLevel(logging.WARNING)
    database = Database(settings.database)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await database.open()
        try:
            yield
        finally:
            await database.close()

    metadata = ResourceMetadata(settings.auth.issuer)
    server = create_server(database, settings.limits)
    endpoint = McpEndpoint(server, create_verifier(settings.auth))
    app = Starlette(
        routes=[
            Route(MCP_PATH, endpoint, methods=["POST"]),
            Route(METADATA_PATH, metadata.respond),
            # Where clients look that only know the resource's address (RFC 9728, 3.1).
            Route(f"{METADATA_PATH}{MCP_PATH}", metadata.respond),
        ],
        lifespan=lifespan,
    )
    install_web(app)
    app.add_exception_handler(UnauthenticatedError, metadata.refuse)
    return app


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point, for events of a function URL."""
    return _adapter()(event, context)


@cache
def _adapter() -> Mangum:
    return create_adapter("mcp", lambda: create_app(McpSettings.from_environment(os.environ)))
