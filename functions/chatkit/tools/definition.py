"""What a tool is: a function over one transaction, its schema, and how it is shown."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.widgets import Widget
from taskchat.database import Connection
from taskchat.tasks import Origin

type Arguments = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """One call, in the transaction that also records it. `timezone` is the person's."""

    connection: Connection
    user_id: str
    thread_id: str
    timezone: ZoneInfo
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class ToolOutcome:
    """What came of a call: JSON for the model, a line for the person, perhaps a widget.

    `done` and `count` say in the summary of all steps what was done to how many tasks, such as
    "Created" 2. `changed` says that tasks are no longer as the page shows them.
    """

    result: dict[str, Any]
    summary: str
    done: str
    count: int = 1
    widget: Widget | None = None
    changed: bool = False

    @property
    def failed(self) -> bool:
        """Whether the model gets an error."""
        return "error" in self.result


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool of the assistant.

    `doing` is the line that the person sees while it runs. `run` raises `TaskchatError` where the
    arguments are wrong; its text goes back to the model, which can then correct itself.
    """

    name: str
    doing: str
    icon: str
    description: str
    properties: dict[str, Any]
    required: tuple[str, ...] = field(default=())
    run: Callable[[ToolCall, Arguments], Awaitable[ToolOutcome]]

    @property
    def json_schema(self) -> dict[str, Any]:
        """The parameters as JSON Schema, in the subset that Gemini takes."""
        return {
            "type": "object",
            "properties": self.properties,
            "required": list(self.required),
            "additionalProperties": False,
        }
