"""Serves the functions and the page as one application, with the edge's routes."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import override

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.app import ApiSettings
from functions.api.app import create_app as create_api
from functions.chatkit.application import create_app as create_chat
from functions.chatkit.settings import ChatSettings
from functions.mcp.app import create_app as create_mcp
from functions.mcp.settings import McpSettings
from local.environment import ROOT
from local.files import LocalFiles, files_app
from local.hosts import is_allowed
from local.maintenance import maintained
from local.tokens import TokenEndpoint
from taskchat.attachments.disk import ROUTE as FILES
from taskchat.attachments.disk import DiskStorage
from taskchat.attachments.storage import open_storage
from taskchat.errors import ForbiddenError
from taskchat.settings import AuthSettings, HostSettings, RetentionSettings
from taskchat.web import install_web

PAGE = ROOT / "frontend" / "dist"
PAGE_HEADERS = ROOT / "frontend" / "security-headers.json"
"""The headers of every response of the page, here and at the edge."""

NO_PAGE = Path(__file__).parent / "no_page.html"

DEV_SIGN_IN = "/api/dev/token"
_IMMUTABLE = "public, max-age=31536000, immutable"


def create_app(environment: Mapping[str, str]) -> Starlette:
    """Create the application for everything at one address. Raises `SettingsError`."""
    chat_settings = ChatSettings.from_environment(environment)
    chat = create_chat(chat_settings)
    api = create_api(ApiSettings.from_environment(environment))
    mcp = create_mcp(McpSettings.from_environment(environment))
    retention = RetentionSettings.from_environment(environment)
    hosts = HostSettings.from_environment(environment)
    files = open_storage(chat_settings.attachments)
    local_files = LocalFiles(files, hosts.allowed_hosts) if isinstance(files, DiskStorage) else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in (chat, api, mcp):
                await stack.enter_async_context(app.router.lifespan_context(app))
            await stack.enter_async_context(maintained(chat_settings.database, retention, files))
            yield

    rest = Starlette(routes=[*_token_routes(chat_settings.auth), *_page_routes()])
    install_web(rest)
    edge = _Edge(
        chat=chat,
        api=api,
        mcp=mcp,
        rest=rest,
        files=files_app(local_files) if local_files else None,
        hosts=hosts.allowed_hosts,
    )
    return Starlette(routes=[Mount("/", edge)], lifespan=lifespan)


def create_from_environment() -> Starlette:
    """Create it from `os.environ`, for a server that recreates its application on each reload."""
    return create_app(os.environ)


class _Edge:
    """Routes by path, like the CloudFront distribution in front of the deployed functions.

    It refuses requests to a host that is not among `hosts`.
    """

    def __init__(
        self,
        *,
        chat: ASGIApp,
        api: ASGIApp,
        mcp: ASGIApp,
        rest: ASGIApp,
        files: ASGIApp | None,
        hosts: tuple[str, ...],
    ) -> None:
        self._chat, self._api, self._mcp, self._rest = chat, api, mcp, rest
        self._files = files
        self._hosts = hosts
        self._stranger = Starlette(routes=[Mount("/", _refuse_host)])
        install_web(self._stranger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = is_allowed(Headers(scope=scope).get("host", ""), self._hosts)
        target = self._target(scope["path"]) if known else self._stranger
        await target(scope, receive, send)

    def _target(self, path: str) -> ASGIApp:
        if path == "/api/chatkit":
            return self._chat
        if path == "/mcp" or path.startswith("/.well-known/oauth-protected-resource"):
            return self._mcp
        if self._files and path.startswith(FILES):
            return self._files
        if path == DEV_SIGN_IN or not path.startswith(("/api/", "/healthz", "/readyz")):
            return self._rest
        return self._api


async def _refuse_host(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ForbiddenError("This server does not answer to that name; see ALLOWED_HOSTS.")


def _token_routes(settings: AuthSettings) -> list[Route]:
    """Return no route if a provider's keys verify tokens, because we cannot sign any then."""
    if settings.secret is None:
        return []
    return [Route(DEV_SIGN_IN, TokenEndpoint(settings).respond, methods=["POST"])]


def _page_routes() -> list[BaseRoute]:
    headers: dict[str, str] = json.loads(PAGE_HEADERS.read_text())
    if not (PAGE / "index.html").exists():
        return [Route("/", _NoPage(headers).respond)]
    return [Mount("/", _Page(headers))]


@dataclass(frozen=True)
class _NoPage:
    """Answers for the page while it is not built."""

    headers: dict[str, str]

    async def respond(self, _: Request) -> Response:
        return FileResponse(NO_PAGE, headers=self.headers)


class _Page(StaticFiles):
    """The built page. Names of assets contain their hash, so browsers may cache them forever."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(directory=PAGE, html=True)
        self._headers = headers

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        # As at the edge, every path that does not name a file returns the page.
        return await super().get_response(path if "." in path else "index.html", scope)

    @override
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = "assets" in Path(full_path).relative_to(PAGE).parts
        response.headers.update(self._headers)
        response.headers["Cache-Control"] = _IMMUTABLE if hashed else "no-cache"
        return response
