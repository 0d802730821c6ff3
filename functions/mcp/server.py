"""The MCP server: lists the tools, and calls one for the person of the HTTP request."""

import json
import logging
import time
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import McpError
from pydantic import BaseModel
from starlette.requests import Request

from functions.mcp.caller import Caller
from functions.mcp.tools import TOOLS, McpTool
from taskchat.database import Database
from taskchat.errors import TaskchatError
from taskchat.limits import count_change, require_task_count
from taskchat.metrics import Metric, record
from taskchat.settings import LimitSettings
from taskchat.tasks import Origin
from taskchat.tools import MAX_OUTPUT_CHARACTERS, ToolCall, bounded
from taskchat.users import ensure_user
from taskchat.web.request_id import current_request_id

logger = logging.getLogger(__name__)

FAILED = "The tool failed for an unexpected reason."
_SERVER_ERROR = 500

_INSTRUCTIONS = (
    "The tasks of the person who has signed in. Times without an offset are in the time zone that "
    "the client's X-Timezone header names, or UTC. Every change can be undone."
)

type McpServer = Server[dict[str, Any], Request]


def create_server(database: Database, limits: LimitSettings) -> McpServer:
    """A server whose requests carry their `Caller` in `request.state.caller`."""
    server: McpServer = Server("taskchat", version="0.1.0", instructions=_INSTRUCTIONS)

    async def list_tools(_: types.ListToolsRequest) -> types.ServerResult:
        tools = [tool.description for tool in TOOLS.values()]
        return types.ServerResult(types.ListToolsResult(tools=tools))

    async def call_tool(request: types.CallToolRequest) -> types.ServerResult:
        tool = TOOLS.get(request.params.name)
        if tool is None:
            unknown = types.ErrorData(code=types.INVALID_PARAMS, message="There is no such tool")
            raise McpError(unknown)
        http = server.request_context.request
        assert http is not None
        call = _Call(database, limits, tool, http.state.caller)
        return types.ServerResult(await call.answer(request.params.arguments or {}))

    # Not with the SDK's decorator: it would send the text of any exception to the client.
    server.request_handlers[types.ListToolsRequest] = list_tools
    server.request_handlers[types.CallToolRequest] = call_tool
    return server


class _Call:
    """One call of a tool."""

    def __init__(
        self, database: Database, limits: LimitSettings, tool: McpTool, caller: Caller
    ) -> None:
        self._database, self._limits, self._tool, self._caller = database, limits, tool, caller

    async def answer(self, arguments: dict[str, Any]) -> types.CallToolResult:
        """The result, or an error for the model."""
        name = self._tool.definition.name
        began_at = time.perf_counter()
        answer = _failure(FAILED)
        try:
            result = (await self._run(arguments)).model_dump(mode="json")
            result = bounded(result, MAX_OUTPUT_CHARACTERS)
            text = json.dumps(result, ensure_ascii=False)
            answer = types.CallToolResult(content=[_text(text)], structuredContent=result)
        except TaskchatError as error:
            answer = _failure(str(error))
            if error.status >= _SERVER_ERROR:
                logger.exception("%s failed", name)
        except Exception:
            logger.exception("%s failed unexpectedly", name)
        finally:
            duration = (time.perf_counter() - began_at) * 1000
            record({Metric.TOOL_DURATION: duration, Metric.TOOL_FAILED: answer.isError}, tool=name)
        return answer

    async def _run(self, arguments: dict[str, Any]) -> BaseModel:
        """One transaction for the change, its record for Undo, and its count for the limits."""
        tool, user = self._tool, self._caller.user
        async with self._database.transaction() as connection:
            if not tool.definition.read_only:
                await ensure_user(connection, user)
                await count_change(connection, user.id, self._limits)
            call = ToolCall(
                connection=connection,
                user_id=user.id,
                thread_id=None,
                timezone=self._caller.timezone,
                origin=Origin(call_id=current_request_id()),
            )
            outcome = await tool.definition.call(call, arguments)
            if tool.definition.adds:
                await require_task_count(connection, user.id, self._limits)
            result: BaseModel = tool.tell(call, outcome)
            return result


def _failure(problem: str) -> types.CallToolResult:
    return types.CallToolResult(content=[_text(problem)], isError=True)


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
