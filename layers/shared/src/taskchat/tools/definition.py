"""What a tool is: a model of its arguments, and a function over one transaction."""

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

    `timezone` is the person's. `thread_id` is None where no conversation of ours calls.
    """

    connection: Connection
    user_id: str
    thread_id: str | None
    timezone: ZoneInfo
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class ToolDefinition[Arguments: BaseModel = Any, Outcome = Any]:
    """A tool, without how its outcome is told.

    `run` raises `TaskchatError` where it refuses; the text goes back to the model, which can then
    correct itself. A tool that `adds` tasks counts towards how many a person may have. One that
    is not `read_only` may be `destructive`: what was there before is gone, unless it is undone.
    Calling an `idempotent` tool twice does no more than calling it once.
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
        """The parameters as JSON Schema, in the subset that Gemini takes."""
        return parameters_schema(self.arguments)

    async def call(self, call: ToolCall, arguments: Mapping[str, Any]) -> Outcome:
        """Run the tool with arguments from outside.

        Raises `InvalidFieldsError` for wrong ones, and what `run` raises.
        """
        return await self.run(call, validate(self.arguments, arguments, call.timezone))
