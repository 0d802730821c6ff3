"""Applications for the runtime under test, which imports this module as a function's code."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from lambda_streaming import current_context
from lambda_streaming.asgi import Application, Message, Receive, Scope, Send

logger = logging.getLogger("applications")

Route = Callable[[Scope, Receive, Send], Awaitable[None]]
ROUTES: dict[str, Route] = {}


def route(path: str) -> Callable[[Route], Route]:
    def add(function: Route) -> Route:
        ROUTES[path] = function
        return function

    return add


async def routes(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers by path; knows no lifespan."""
    if scope["type"] != "http":
        message = "http only"
        raise RuntimeError(message)
    await ROUTES[scope["path"]](scope, receive, send)


def start(status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> Message:
    headers = headers or [(b"content-type", b"text/plain")]
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def option(scope: Scope, default: str = "") -> str:
    query: bytes = scope["query_string"]
    return query.decode() or default


async def answer_json(send: Send, document: Any) -> None:
    await send(start(headers=[(b"content-type", b"application/json")]))
    await send(body(json.dumps(document).encode()))


@route("/hello")
async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"hello"))


@route("/module")
async def module(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(str(sys.modules["lambda_streaming.cycle"].__file__).encode()))


@route("/request")
async def request(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    described = {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"] and scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "client": scope["client"],
        "scheme": scope["scheme"],
        "asgi": scope["asgi"],
        "body": message["body"].decode("latin-1"),
        "more_body": message["more_body"],
        "event_kept": "requestContext" in scope["aws.event"],
    }
    await answer_json(send, described)


@route("/context")
async def context(scope: Scope, receive: Receive, send: Send) -> None:
    context = scope["aws.context"]
    identity, client = context.identity, context.client_context
    described = {
        "aws_request_id": context.aws_request_id,
        "invoked_function_arn": context.invoked_function_arn,
        "remaining": context.get_remaining_time_in_millis(),
        "function_name": context.function_name,
        "function_version": context.function_version,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "log_stream_name": context.log_stream_name,
        "tenant_id": context.tenant_id,
        "trace_id": context.trace_id,
        "identity": identity and [identity.cognito_identity_id, identity.cognito_identity_pool_id],
        "client": client and [client.client.app_title, client.custom, client.env],
        "current": current_context() is context,
        "variable": os.environ.get("_X_AMZN_TRACE_ID"),
    }
    await answer_json(send, described)


@route("/chunks")
async def chunks(scope: Scope, receive: Receive, send: Send) -> None:
    """``count,seconds``: chunks that carry when they were sent, on the machine's clock."""
    count, seconds = option(scope, "10,0.1").split(",")
    loop = asyncio.get_running_loop()
    await send(start())
    for number in range(int(count)):
        if number:
            await asyncio.sleep(float(seconds))
        await send(body(b"%d:%.6f;" % (number, loop.time()), more=True))
    await send(body())


@route("/empty")
async def empty(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(int(option(scope, "200")), [(b"location", b"/elsewhere")]))
    await send(body())


@route("/empty-chunks")
async def empty_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    for data in (b"", b"one", b"", b"two", b""):
        await send(body(data, more=True))
    await send({"type": "http.response.body"})


@route("/headers")
async def headers(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        start(
            201,
            [
                (b"Content-Type", b"text/plain"),
                (b"Content-Length", b"2"),
                (b"Transfer-Encoding", b"chunked"),
                (b"Connection", b"close"),
                (b"Content-Encoding", b"identity"),
                (b"Set-Cookie", b"a=1; Path=/; HttpOnly"),
                (b"set-cookie", b"b=2"),
                (b"Vary", b"Origin"),
                (b"vary", b"Cookie"),
                (b"X-Latin", b"caf\xe9"),
            ],
        )
    )
    await send(body(b"ok"))


@route("/compressed")
async def compressed(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=[(b"content-encoding", b"gzip")]))
    await send(body(b"\x1f\x8b"))


@route("/many-headers")
async def many_headers(scope: Scope, receive: Receive, send: Send) -> None:
    """As many bytes of one header's value as the query says."""
    await send(start(headers=[(b"x-long", b"x" * int(option(scope)))]))
    await send(body(b"ok"))


@route("/large")
async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """Megabytes in pieces of 64 KB; logs how many of them were taken."""
    await send(start())
    for number in range(int(option(scope, "4")) * 16):
        await send(body(b"x" * 65536, more=True))
        logger.warning("sent %d", number + 1)
    await send(body())


@route("/bad")
async def bad(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the messages that the query names, whatever ASGI says to them."""
    messages: dict[str, Message] = {
        "start": start(),
        "more": body(b"data", more=True),
        "last": body(b"end"),
        "trailers": {"type": "http.response.trailers", "headers": []},
        "injection": start(headers=[(b"x", b"a\r\nb: c")]),
        "name": start(headers=[(b"a b", b"c")]),
        "status": start(99),
    }
    for name in option(scope).split(","):
        await send(messages[name])


class AppError(Exception):
    pass


def fail_deep(depth: int) -> None:
    if depth:
        fail_deep(depth - 1)
    message = "no luck: " + "é" * 2000
    raise AppError(message)


@route("/raise-before")
async def raise_before(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    message = "before the first byte"
    raise AppError(message)


@route("/raise-after")
async def raise_after(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"some", more=True))
    fail_deep(int(option(scope, "0")))


@route("/raise-at-end")
async def raise_at_end(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(500))
    await send(body(b"sorry"))
    message = "after the last byte"
    raise AppError(message)


@route("/cancel-self")
async def cancel_self(scope: Scope, receive: Receive, send: Send) -> None:
    raise asyncio.CancelledError


@route("/never")
async def never(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        logger.warning("cancelled")
        raise


@route("/stuck")
async def stuck(scope: Scope, receive: Receive, send: Send) -> None:
    """Does not let itself be cancelled, and sends on."""
    await send(start())
    await send(body(b"some", more=True))
    while True:
        try:
            await asyncio.sleep(5)
            return
        except asyncio.CancelledError:
            try:
                await send(body(b"late", more=True))
            except OSError as error:
                logger.warning("send raised %s", type(error).__name__)


@route("/disconnect")
async def disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    """Listens for the client's going away while it sends for as many tenths as the query says."""
    await receive()
    listener = asyncio.create_task(receive_one(receive))
    try:
        await send(start())
        for _ in range(int(option(scope, "3"))):
            await send(body(b"x" * 1000, more=True))
            await asyncio.sleep(0.1)
        logger.warning("heard of it early: %s", listener.done())
        await send(body())
    except OSError as error:
        logger.warning("send raised %s", type(error).__name__)
    logger.warning("receive gave %s", (await listener)["type"])


async def receive_one(receive: Receive) -> Message:
    return await receive()


@route("/background")
async def background(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"done"))
    await asyncio.sleep(0.3)
    logger.warning("background task ended")


@route("/wait-until")
async def wait_until(scope: Scope, receive: Receive, send: Send) -> None:
    """A run apart from the response, which starts one more when it ends."""

    async def run(number: int) -> None:
        await asyncio.sleep(0.2)
        logger.warning("run %d ended", number)
        if number == 1:
            scope["aws.wait_until"](run(2))

    async def broken() -> None:
        message = "a broken run"
        raise AppError(message)

    scope["aws.wait_until"](asyncio.create_task(run(1)))
    scope["aws.wait_until"](broken())
    await send(start())
    await send(body(b"done"))


@route("/wait-for-ever")
async def wait_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
    async def run() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            logger.warning("run was cancelled")

    scope["aws.wait_until"](run())
    await send(start())
    await send(body(b"done"))


@route("/parallel-sends")
async def parallel_sends(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(send_one(send, body(b"%d;" % number, more=True)))
    await send(body())


async def send_one(send: Send, message: Message) -> None:
    await send(message)


@route("/logs")
async def logs(scope: Scope, receive: Receive, send: Send) -> None:
    print("printed")
    logger.debug("a debug line")
    logger.info("an info line")
    logger.warning("two\nlines", extra={"order": 7})
    try:
        fail_deep(0)
    except AppError:
        logger.exception("an error of %s", "ours")
    await asyncio.to_thread(logger.error, "from a thread")
    await send(start())
    await send(body(b"logged"))


@route("/interleaved")
async def interleaved(scope: Scope, receive: Receive, send: Send) -> None:
    """Chunks at a pace of its own, each with the ids that this invocation should have."""
    count, seconds = option(scope).split(",")
    own = scope["aws.context"]
    await send(start())
    for number in range(int(count)):
        await asyncio.sleep(float(seconds))
        current = current_context()
        assert current is not None
        assert current is own
        logger.warning("chunk %d of %s", number, own.aws_request_id)
        await send(body(f"{own.aws_request_id} {current.trace_id}\n".encode(), more=True))
    await send(body())


class WithLifespan:
    """Counts its lifespans and says in each answer what it found in the state."""

    def __init__(self) -> None:
        self.log: list[str] = ["made"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        self.log.append("request")
        scope["state"]["per_request"] = True
        await answer_json(send, {"log": self.log, "state": sorted(scope["state"])})

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        self.log.append("startup")
        scope["state"]["pool"] = object()
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await asyncio.sleep(float(os.environ.get("SHUTDOWN_SECONDS", "0.05")))
        print("shut down after", self.log.count("request"))
        await send({"type": "lifespan.shutdown.complete"})


with_lifespan = WithLifespan()


def factory() -> Application:
    print("factory called")
    return WithLifespan()


async def failing_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
    message = "no database"
    raise AppError(message)


def broken_factory() -> Application:
    message = "a setting is missing"
    raise AppError(message)


not_an_application = {"not": "callable"}


async def takes_nothing() -> None:
    pass
