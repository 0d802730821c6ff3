"""The seven tools as an MCP client sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp import types
from pydantic import BaseModel

from functions.mcp.bulk import COMPLETE_ALL_TASKS, DELETE_ALL_TASKS, bulk_result
from functions.mcp.results import BulkResult, ChangedTask, GoneTask
from taskchat import tools
from taskchat.tasks import Changed, TaskPage
from taskchat.tools import FoundTasks, ToolCall, ToolDefinition, found_tasks, local_task


@dataclass(frozen=True, kw_only=True)
class McpTool[Arguments: BaseModel = Any, Outcome = Any, Result: BaseModel = Any]:
    """A tool with the model of its result."""

    definition: ToolDefinition[Arguments, Outcome]
    title: str
    result: type[Result]
    tell: Callable[[ToolCall, Outcome], Result]

    @property
    def description(self) -> types.Tool:
        """The description for clients."""
        definition = self.definition
        return types.Tool(
            name=definition.name,
            title=self.title,
            description=definition.description,
            inputSchema=definition.json_schema,
            outputSchema=self.result.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                readOnlyHint=definition.read_only,
                destructiveHint=definition.destructive,
                idempotentHint=definition.idempotent,
                openWorldHint=False,
            ),
        )


def _changed_task(call: ToolCall, changed: Changed) -> ChangedTask:
    (task,) = changed.tasks
    return ChangedTask(task=local_task(task, call.timezone), change_id=changed.change_id)


def _gone_task(_call: ToolCall, changed: Changed) -> GoneTask:
    return GoneTask(deleted=changed.tasks[0].title, change_id=changed.change_id)


def _found_tasks(call: ToolCall, page: TaskPage) -> FoundTasks:
    return found_tasks(page, call.timezone)


_TOOLS: tuple[McpTool, ...] = (
    McpTool(
        definition=tools.CREATE_TASK,
        title="Create task",
        result=ChangedTask,
        tell=_changed_task,
    ),
    McpTool(definition=tools.LIST_TASKS, title="List tasks", result=FoundTasks, tell=_found_tasks),
    McpTool(
        definition=tools.UPDATE_TASK,
        title="Change task",
        result=ChangedTask,
        tell=_changed_task,
    ),
    McpTool(
        definition=tools.COMPLETE_TASK,
        title="Complete or reopen task",
        result=ChangedTask,
        tell=_changed_task,
    ),
    McpTool(definition=tools.DELETE_TASK, title="Delete task", result=GoneTask, tell=_gone_task),
    McpTool(
        definition=COMPLETE_ALL_TASKS,
        title="Complete many tasks",
        result=BulkResult,
        tell=bulk_result,
    ),
    McpTool(
        definition=DELETE_ALL_TASKS,
        title="Delete many tasks",
        result=BulkResult,
        tell=bulk_result,
    ),
)

TOOLS = {tool.definition.name: tool for tool in _TOOLS}
