"""The tools that work on single tasks, and the one that lists them."""

from pydantic import BaseModel, ConfigDict, Field

from taskchat import tasks
from taskchat.tasks import (
    MAX_LIMIT,
    Changed,
    TaskDetailsPatch,
    TaskDraft,
    TaskFilter,
    TaskPage,
    TaskPatch,
)
from taskchat.tools.definition import ToolCall, ToolDefinition

_DEFAULT_LISTED = 20


class TaskReference(BaseModel):
    """Which task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: str = Field(description="The id of the task, as other tools returned it.")


class UpdateTask(TaskDetailsPatch, TaskReference):
    """Which task to change, and the changes."""


class CompleteTask(TaskReference):
    """Which task to complete or to reopen."""

    completed: bool = Field(True, description="True (the default) or false to reopen.")


class ToolFilter(TaskFilter):
    """Filters as tools name them: `query` tells a model more than the page's `q`."""

    model_config = ConfigDict(alias_generator=lambda name: "query" if name == "q" else name)


class ListTasks(ToolFilter):
    """Which tasks, and how many of them."""

    limit: int = Field(
        _DEFAULT_LISTED,
        ge=1,
        le=MAX_LIMIT,
        description=f"How many at most, 1 to {MAX_LIMIT}; {_DEFAULT_LISTED} by default.",
    )


async def _create_task(call: ToolCall, draft: TaskDraft) -> Changed:
    return await tasks.create_task(call.connection, call.user_id, draft, origin=call.origin)


async def _list_tasks(call: ToolCall, arguments: ListTasks) -> TaskPage:
    return await tasks.list_tasks(call.connection, call.user_id, arguments, limit=arguments.limit)


async def _update_task(call: ToolCall, arguments: UpdateTask) -> Changed:
    patch = TaskPatch.model_validate(arguments.model_dump(exclude={"task_id"}, exclude_unset=True))
    return await tasks.update_task(
        call.connection, call.user_id, arguments.task_id, patch, origin=call.origin
    )


async def _complete_task(call: ToolCall, arguments: CompleteTask) -> Changed:
    return await tasks.complete_task(
        call.connection, call.user_id, arguments.task_id, arguments.completed, origin=call.origin
    )


async def _delete_task(call: ToolCall, arguments: TaskReference) -> Changed:
    return await tasks.delete_task(
        call.connection, call.user_id, arguments.task_id, origin=call.origin
    )


CREATE_TASK = ToolDefinition(
    name="create_task",
    description="Create one task. Call it once for each task that the person names.",
    arguments=TaskDraft,
    run=_create_task,
    adds=True,
)
LIST_TASKS = ToolDefinition(
    name="list_tasks",
    description=(
        "List the person's tasks, open ones first and soonest due first. Use it to answer "
        "questions about tasks, and to find the id of a task that the person means."
    ),
    arguments=ListTasks,
    run=_list_tasks,
    read_only=True,
    idempotent=True,
)
UPDATE_TASK = ToolDefinition(
    name="update_task",
    description="Change one task: only the fields given. To complete it use complete_task.",
    arguments=UpdateTask,
    run=_update_task,
    destructive=True,
    idempotent=True,
)
COMPLETE_TASK = ToolDefinition(
    name="complete_task",
    description="Mark one task as completed, or with completed=false as open again.",
    arguments=CompleteTask,
    run=_complete_task,
    idempotent=True,
)
DELETE_TASK = ToolDefinition(
    name="delete_task",
    description="Delete one task. The person can undo it.",
    arguments=TaskReference,
    run=_delete_task,
    destructive=True,
    idempotent=True,
)
