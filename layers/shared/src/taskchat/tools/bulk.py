"""The tools that change many tasks: they only propose, and the person decides."""

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from taskchat.tasks import BulkKind, Confirmation, TaskFilter, propose_bulk
from taskchat.tools.definition import ToolCall, ToolDefinition
from taskchat.tools.tasks import ToolFilter


class OpenTaskFilter(ToolFilter):
    """Which open tasks. `completed` is left out: only open tasks can be completed."""

    completed: SkipJsonSchema[bool | None] = Field(None)


async def _propose(call: ToolCall, kind: BulkKind, filters: TaskFilter) -> Confirmation:
    return await propose_bulk(call.connection, call.user_id, call.thread_id, kind, filters)


async def _complete_all_tasks(call: ToolCall, filters: OpenTaskFilter) -> Confirmation:
    return await _propose(call, "complete", filters)


async def _delete_all_tasks(call: ToolCall, filters: ToolFilter) -> Confirmation:
    return await _propose(call, "delete", filters)


COMPLETE_ALL_TASKS = ToolDefinition(
    name="complete_all_tasks",
    description=(
        "Ask the person to confirm that all open tasks that match the filters are completed. "
        "It changes nothing itself: never say that it is done."
    ),
    arguments=OpenTaskFilter,
    run=_complete_all_tasks,
    destructive=True,
    idempotent=True,
)
DELETE_ALL_TASKS = ToolDefinition(
    name="delete_all_tasks",
    description=(
        "Ask the person to confirm that all tasks that match the filters are deleted. "
        "It changes nothing itself: never say that it is done."
    ),
    arguments=ToolFilter,
    run=_delete_all_tasks,
    destructive=True,
    idempotent=True,
)
