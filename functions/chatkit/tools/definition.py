"""How the chat offers a tool and shows its outcome."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from functions.chatkit.widgets import Widget
from taskchat.tools import ToolCall, ToolDefinition


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A question to the person, with the answers to choose from."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ToolOutcome:
    """The outcome of a call: JSON for the model, a line for the person, perhaps a widget.

    `done` and `count` go into the summary of all steps: what was done to how many tasks, such as
    "Created" 2. `changed` says that the tasks on the page are out of date. Outcomes with the same
    `widget_id` share one widget, that of the last. A `choice` is shown to the person, and ends the
    answer.
    """

    result: dict[str, Any]
    summary: str
    done: str
    count: int = 1
    widget: Widget | None = None
    widget_id: str | None = None
    choice: Choice | None = None
    changed: bool = False

    @property
    def failed(self) -> bool:
        """Whether the model gets an error."""
        return "error" in self.result


@dataclass(frozen=True, kw_only=True)
class Tool[Arguments: BaseModel = Any, Outcome = Any]:
    """A tool in the chat: `doing` is the line that the person sees while it runs."""

    definition: ToolDefinition[Arguments, Outcome]
    doing: str
    icon: str
    show: Callable[[ToolCall, Outcome], ToolOutcome]

    @property
    def name(self) -> str:
        """The name that the model uses."""
        return self.definition.name

    @property
    def description(self) -> str:
        """The description for the model."""
        return self.definition.description

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `ToolDefinition`."""
        return self.definition.json_schema

    async def run(self, call: ToolCall, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run the tool with the model's arguments. Raises `TaskchatError` if it refuses."""
        return self.show(call, await self.definition.call(call, arguments))
