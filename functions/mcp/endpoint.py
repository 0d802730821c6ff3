"""`POST /mcp`: MCP's streamable HTTP without sessions, each message answered as JSON.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from typing import Any

from mcp import types
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from functions.mcp.caller import read_caller
from functions.mcp.server import McpServer
from taskchat.auth import TokenVerifier

_METHODS = frozenset({"initialize", "ping", "tools/call", "tools/list"})


class _RefusedError(Exception):
    """A message that is not passed on. `request_id` is set if a request could be read."""

    def __init__(self, code: int, problem: str, request_id: types.RequestId | None = None) -> None:
        super().__init__(problem)
        self.code = code
        self.request_id = request_id


class McpEndpoint:
    """Handles one JSON-RPC message per HTTP request, with a person's own token."""

    def __init__(self, server: McpServer, verifier: TokenVerifier) -> None:
        self._server = server
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises `TaskchatError` if the caller is not allowed."""
        request = Request(scope, receive)
        request.state.caller = await read_caller(request, self._verifier)
        body = await request.body()
        try:
            _check(_parse(body))
        except _RefusedError as error:
            await _refusal(error)(scope, receive, send)
            return

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        # The SDK's manager can `run` only once. It keeps nothing between stateless requests.
        manager = StreamableHTTPSessionManager(self._server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, replay, send)


def _parse(body: bytes) -> types.JSONRPCMessage:
    """The one message in the body.

    Errors are in our own words: the SDK's repeat what was sent, to the client and in the log.
    """
    try:
        # Unlike json.loads, this refuses what no response could repeat: lone surrogates, and
        # nesting that is too deep to serialise.
        message: Any = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise _RefusedError(types.PARSE_ERROR, "The body is not JSON.") from None
    if isinstance(message, list):
        raise _RefusedError(types.INVALID_REQUEST, "Batches are not supported.")
    try:
        return types.JSONRPCMessage.model_validate(message)
    except ValidationError:
        raise _RefusedError(types.INVALID_REQUEST, "This is not a JSON-RPC 2.0 message.") from None


def _check(message: types.JSONRPCMessage) -> None:
    """Refuse what the server cannot handle."""
    known: type[types.ClientRequest | types.ClientNotification] = types.ClientNotification
    request_id: types.RequestId | None = None
    match message.root:
        case types.JSONRPCRequest() as request:
            request_id = request.id
            if request.method not in _METHODS:
                raise _RefusedError(types.METHOD_NOT_FOUND, "There is no such method.", request_id)
            known = types.ClientRequest
        case types.JSONRPCNotification():
            pass
        case _:
            raise _RefusedError(types.INVALID_REQUEST, "Nothing was asked of this client.")
    try:
        known.model_validate(message.model_dump(by_alias=True, mode="json", exclude_none=True))
    except ValidationError:
        problem = "The parameters are not those of this method."
        raise _RefusedError(types.INVALID_PARAMS, problem, request_id) from None


def _refusal(error: _RefusedError) -> JSONResponse:
    """The error for a request that could be read; for anything else, a bad request."""
    problem = {"code": error.code, "message": str(error)}
    answer = {"jsonrpc": "2.0", "id": error.request_id, "error": problem}
    return JSONResponse(answer, status_code=400 if error.request_id is None else 200)
