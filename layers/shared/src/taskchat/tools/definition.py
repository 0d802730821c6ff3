"""A tool: a model of its arguments, and a function that runs in one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from taskchat.database import Connection
from taskchat.tasks import Origin, validate
from taskchat.tools.schema import parameters_schema


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """One call, in the transaction that also records it.

    `timezone` is the person's. `thread_id` is None if the call comes from outside our chat.
    """

    connection: Connection
    user_id: str
    thread_id: str | None
    timezone: ZoneInfo
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class ToolDefinition[Arguments: BaseModel = Any, Outcome = Any]:
    """A tool, without the presentation of its outcome.

    `run` raises `TaskchatError` to refuse; the model gets the text, and can then correct itself. A
    tool that `adds` tasks is checked against the limit on a person's tasks. One that is not
    `read_only` may be `destructive`: it overwrites or deletes, unless it is undone. Calling an
    `idempotent` tool twice does no more than calling it once.
    """

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[ToolCall, Arguments], Awaitable[Outcome]]
    read_only: bool = False
    adds: bool = False
    destructive: bool = False
    idempotent: bool = False

    @property
    def json_schema(self) -> dict[str, Any]:
        """The parameters as JSON Schema, in the subset that Gemini accepts."""
        return parameters_schema(self.arguments)

    async def call(self, call: ToolCall, arguments: Mapping[str, Any]) -> Outcome:
        """Run the tool with arguments from outside.

        Raises `InvalidFieldsError` for invalid arguments, and what `run` raises.
        """
        return await self.run(call, validate(self.arguments, arguments, call.timezone))
