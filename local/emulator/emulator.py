"""Serves functions at one local address, with the edge's routes."""

import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Self

from local.emulator.events import url_event
from local.emulator.filesystem import lay_out
from local.emulator.function import Function, ThrottledError
from local.emulator.http_server import BodyTooLargeError, Exchange, HttpServer
from local.emulator.invocation import FunctionError, Invocation, TimedOutError
from local.emulator.specification import FunctionSpec
from local.files import LocalFiles
from local.hosts import is_allowed
from taskchat.attachments.disk import ROUTE as FILES
from taskchat.settings import HostSettings

REQUEST_LIMIT = 6 * 1024 * 1024


class Emulator:
    """`async with Emulator([function, …]) as emulator:` serves them at `emulator.url`.

    With `files`, it also receives and serves attached files, as S3 does when deployed. `log`
    receives the functions' output and Lambda's own lines, each prefixed with the function's name.
    """

    def __init__(
        self,
        functions: Sequence[FunctionSpec],
        *,
        port: int = 0,
        allowed_hosts: tuple[str, ...] = HostSettings().allowed_hosts,
        files: LocalFiles | None = None,
        log: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self._specs = functions
        self._allowed_hosts = allowed_hosts
        self._files = files
        self._log = log
        self._server = HttpServer(self._handle, port=port)
        self._stack = AsyncExitStack()
        self._functions: dict[str, Function] = {}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for spec in self._specs:
                root = stack.enter_context(lay_out(spec))
                function = Function(spec, root, self._named(spec.name))
                stack.push_async_callback(function.close)
                self._functions[spec.name] = function
            await stack.enter_async_context(self._server)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """The address of the functions."""
        return f"http://{self._server.address}"

    def function(self, name: str) -> Function:
        """Return the function of that name, to invoke it without HTTP or inspect its processes."""
        return self._functions[name]

    def _named(self, name: str) -> Callable[[str], None]:
        return lambda line: self._log(f"{name} | {line}")

    def _route(self, path: str) -> Function | None:
        """Return the function with the longest route that is a prefix of the path."""
        matches = [
            (len(route), function)
            for function in self._functions.values()
            for route in function.spec.routes
            if f"{path.rstrip('/')}/".startswith(f"{route.rstrip('/')}/")
        ]
        return max(matches, key=lambda match: match[0])[1] if matches else None

    async def _handle(self, exchange: Exchange) -> None:
        path = exchange.target.partition("?")[0]
        function = self._route(path)
        if function is None or not is_allowed(exchange.header("host"), self._allowed_hosts):
            await _refuse(exchange, 403, "Forbidden")
            return
        if self._files and path.startswith(FILES):
            headers = dict(exchange.headers)
            answer = await self._files.answer(
                exchange.method, exchange.target, headers, exchange.read
            )
            await exchange.respond(answer.status, answer.body, answer.headers.items())
            return
        try:
            body = await exchange.read(REQUEST_LIMIT)
            invocation = Invocation(streaming=function.spec.streaming)
            invocation.event = url_event(exchange, body, invocation)
            await function.begin(invocation)
        except BodyTooLargeError:
            await _refuse(exchange, 413, "Request Too Long")
        except ThrottledError:
            await _refuse(exchange, 429, "Rate Exceeded.")
        else:
            await _answer(exchange, invocation)


async def _answer(exchange: Exchange, invocation: Invocation) -> None:
    """Forward the answer as it arrives. If it breaks off, cut the connection."""
    answer = invocation.answer
    try:
        try:
            head = await answer.head()
        except TimedOutError:
            await _refuse(exchange, 504, "Gateway Timeout")
            return
        except FunctionError:
            await _refuse(exchange, 502, "Internal Server Error")
            return
        headers = [*head.headers, *_ids(invocation)]
        if not invocation.streaming:
            body = b"".join([chunk async for chunk in answer.chunks()])
            await exchange.respond(head.status, body, headers)
            return
        await exchange.start(head.status, headers)
        async for chunk in answer.chunks():
            await exchange.send(chunk)
        await exchange.finish()
    except FunctionError:
        return
    finally:
        answer.abandon()


def _ids(invocation: Invocation) -> list[tuple[str, str]]:
    return [
        ("x-amzn-requestid", invocation.request_id),
        ("x-amzn-trace-id", invocation.trace_id.partition(";")[0]),
    ]


async def _refuse(exchange: Exchange, status: int, message: str) -> None:
    body = json.dumps({"Message": message}).encode()
    await exchange.respond(status, body, [("content-type", "application/json")])
