"""Receives and serves attached files on a local server. When deployed, S3 does this.

Like S3, it does not authenticate people. It checks the URL's signature, which covers method, file,
type and size.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.hosts import is_allowed
from taskchat.attachments.disk import ROUTE, DiskStorage
from taskchat.attachments.storage import StorageError, open_storage
from taskchat.settings import AttachmentSettings, HostSettings

CHATKIT_ORIGIN = "https://cdn.platform.openai.com"
"""The origin of the frame in which OpenAI's element runs and from which it uploads."""

_PREVIEW_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "private, max-age=3600",
}

type ReadBody = Callable[[int], Awaitable[bytes]]
"""Reads the request's body, given its expected size in bytes."""


@dataclass(frozen=True)
class Answer:
    """A complete response."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LocalFiles:
    """Answers requests below `ROUTE`. Pages of `hosts` and OpenAI's element may upload."""

    storage: DiskStorage
    hosts: Collection[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """Return None if files are in a bucket, or not stored at all. Raises `SettingsError`."""
        storage = open_storage(AttachmentSettings.from_environment(environment))
        if not isinstance(storage, DiskStorage):
            return None
        return cls(storage, HostSettings.from_environment(environment).allowed_hosts)

    async def answer(
        self, method: str, target: str, headers: Mapping[str, str], read: ReadBody
    ) -> Answer:
        """Answer a request; `target` is path and query, names of headers are in lower case."""
        url = urlsplit(target)
        name, values = unquote(url.path).removeprefix(ROUTE), dict(parse_qsl(url.query))
        cross_origin = self._cross_origin(headers.get("origin", ""))
        if method == "OPTIONS":
            return Answer(204, headers=cross_origin)
        if not self.storage.urls.holds(method, name, values):
            return Answer(403, b"The URL is not valid, or has expired.", cross_origin)
        if method == "PUT":
            return await self._put(name, values, headers, read, cross_origin)
        content = await self.storage.read(name)
        if content is None:
            return Answer(404, b"There is no such file.", cross_origin)
        described = {"Content-Type": values["type"], **_PREVIEW_HEADERS}
        return Answer(200, content, cross_origin | described)

    async def _put(
        self,
        name: str,
        values: Mapping[str, str],
        headers: Mapping[str, str],
        read: ReadBody,
        cross_origin: dict[str, str],
    ) -> Answer:
        if headers.get("content-type") != values["type"]:
            return Answer(403, b"The URL is for another type.", cross_origin)
        size = int(values["size"])
        if headers.get("content-length") != str(size):
            return Answer(403, b"The URL is for another size.", cross_origin)
        await self.storage.write(name, values["type"], await read(size))
        return Answer(200, headers=cross_origin)

    def _cross_origin(self, origin: str) -> dict[str, str]:
        """Return CORS headers for the page, under each allowed host, and for OpenAI's element."""
        scheme, _, host = origin.partition("://")
        if origin != CHATKIT_ORIGIN and not (scheme == "http" and is_allowed(host, self.hosts)):
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "PUT",
            "Access-Control-Allow-Headers": "content-type",
            # Private Network Access: the element's public origin may call this machine.
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Max-Age": "3600",
            "Vary": "Origin",
        }


def files_app(files: LocalFiles) -> Starlette:
    """Return an application for them, without the API's limits for request bodies."""

    async def respond(request: Request) -> Response:
        async def read(size: int) -> bytes:
            body = bytearray()
            async for part in request.stream():
                body += part
            if len(body) != size:
                raise StorageError("The upload broke off.")
            return bytes(body)

        target = f"{request.url.path}?{request.url.query}"
        answer = await files.answer(request.method, target, request.headers, read)
        return Response(answer.body, answer.status, answer.headers)

    methods = ["GET", "OPTIONS", "PUT"]
    return Starlette(routes=[Route(f"{ROUTE}{{name:path}}", respond, methods=methods)])
