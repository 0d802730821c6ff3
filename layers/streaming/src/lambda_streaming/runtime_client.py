"""A poller's client of the Runtime API, version 2018-06-01.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
from dataclasses import dataclass

from lambda_streaming.connection import Connection, ConnectionLostError
from lambda_streaming.context import LambdaContext
from lambda_streaming.errors import ErrorReport, RuntimeApiError
from lambda_streaming.http1 import Response, request_head
from lambda_streaming.settings import FunctionSettings

API_VERSION = "2018-06-01"
ERROR_TYPE_HEADER = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY_TRAILER = "Lambda-Runtime-Function-Error-Body"
ERROR_CONTENT_TYPE = "application/vnd.aws.lambda.error+json"
USER_AGENT = "lambda-streaming"

_OK = 200
_NEXT_ATTEMPTS = 3
_NEXT_BACKOFF = 0.05


def split_address(address: str) -> tuple[str, int]:
    """Host and port of ``AWS_LAMBDA_RUNTIME_API``."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Invocation:
    """An event and its context."""

    context: LambdaContext
    invocation_id: str | None
    """To be returned with the answer, if the Runtime API sent one."""
    payload: bytes
    """The event, JSON."""


class RuntimeClient:
    """One poller's connection to the Runtime API, reopened if it is lost."""

    def __init__(self, address: str, function: FunctionSettings) -> None:
        self._address = address
        self._host, self._port = split_address(address)
        self._function = function
        self._connection: Connection | None = None
        self._next_request = request_head(
            "GET",
            f"/{API_VERSION}/runtime/invocation/next",
            address,
            {"User-Agent": USER_AGENT},
        )

    async def next(self) -> Invocation:
        """Wait for the next event, without a time limit.

        If the connection is lost, it asks again on a new one, which is safe. Raises
        ``RuntimeApiError`` if that fails, too, or if the answer is not an event.
        """
        response = await self._ask_for_next()
        if response.status != _OK:
            message = f"the Runtime API answered /next with {response}"
            raise RuntimeApiError(message)
        try:
            context = LambdaContext.from_headers(response.headers, self._function)
        except (KeyError, ValueError) as error:
            message = f"/next came with headers that make no invocation: {error!r}"
            raise RuntimeApiError(message) from error
        invocation_id = response.headers.get("lambda-runtime-invocation-id")
        return Invocation(context, invocation_id, response.body)

    def answer_head(self, invocation: Invocation, action: str, headers: dict[str, str]) -> bytes:
        """Return the head of a POST to the invocation's ``response`` or ``error``."""
        if invocation.invocation_id is not None:
            headers = {**headers, "Lambda-Runtime-Invocation-Id": invocation.invocation_id}
        request_id = invocation.context.aws_request_id
        target = f"/{API_VERSION}/runtime/invocation/{request_id}/{action}"
        return request_head("POST", target, self._address, {"User-Agent": USER_AGENT, **headers})

    async def post_response(self, invocation: Invocation, payload: bytes) -> Response:
        """Answer with one JSON document."""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
        return await self._exchange(self.answer_head(invocation, "response", headers) + payload)

    async def post_error(self, invocation: Invocation, report: ErrorReport) -> Response:
        """Answer that the invocation failed."""
        payload = report.as_json()
        headers = {
            "Content-Type": ERROR_CONTENT_TYPE,
            "Content-Length": str(len(payload)),
            ERROR_TYPE_HEADER: report.name,
        }
        return await self._exchange(self.answer_head(invocation, "error", headers) + payload)

    async def connection(self) -> Connection:
        """Return the open connection; raises ``ConnectionLostError`` if it cannot be opened."""
        if self._connection is None or self._connection.closed:
            self._connection = await Connection.open(self._host, self._port)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _ask_for_next(self) -> Response:
        for attempt in range(1, _NEXT_ATTEMPTS):
            try:
                return await self._exchange(self._next_request)
            except ConnectionLostError:
                await asyncio.sleep(_NEXT_BACKOFF * attempt)
        return await self._exchange(self._next_request)

    async def _exchange(self, request: bytes) -> Response:
        connection = await self.connection()
        return await connection.send_request(request)
