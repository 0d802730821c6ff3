"""The tools that concern many tasks: they only ask, and the person's click decides."""

from functions.chatkit.tools.definition import Arguments, Tool, ToolCall, ToolOutcome
from functions.chatkit.tools.schemas import FILTERS
from functions.chatkit.tools.tasks import read_filters
from functions.chatkit.widgets import confirmation_card
from functions.chatkit.words import counted
from taskchat.tasks import BulkKind, propose_bulk

_NAMED_TO_MODEL = 10


_ASKED: dict[BulkKind, str] = {
    "complete": "Asked about completing",
    "delete": "Asked about deleting",
}


async def _propose(call: ToolCall, kind: BulkKind, arguments: Arguments) -> ToolOutcome:
    filters = read_filters(arguments, call.timezone)
    confirmation = await propose_bulk(call.connection, call.user_id, call.thread_id, kind, filters)
    tasks = confirmation.tasks
    if not tasks:
        return ToolOutcome(result={"count": 0}, summary="No such tasks", done="Found", count=0)
    return ToolOutcome(
        result={
            "confirmation": "shown",
            "count": len(tasks),
            "tasks": [task.title for task in tasks[:_NAMED_TO_MODEL]],
            "note": "Nothing has changed yet: the person decides on the card.",
        },
        summary=f"{counted(tasks)}, waiting for your confirmation",
        done=_ASKED[kind],
        count=len(tasks),
        widget=confirmation_card(confirmation, call.timezone),
    )


async def _complete_all_tasks(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    return await _propose(call, "complete", arguments)


async def _delete_all_tasks(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    return await _propose(call, "delete", arguments)


COMPLETE_ALL_TASKS = Tool(
    name="complete_all_tasks",
    doing="Ask about completing tasks",
    icon="circle-question",
    description=(
        "Ask the person to confirm that all open tasks that match the filters are completed. "
        "It shows a card and changes nothing itself; never say that it is done."
    ),
    properties={name: schema for name, schema in FILTERS.items() if name != "completed"},
    run=_complete_all_tasks,
)
DELETE_ALL_TASKS = Tool(
    name="delete_all_tasks",
    doing="Ask about deleting tasks",
    icon="circle-question",
    description=(
        "Ask the person to confirm that all tasks that match the filters are deleted. "
        "It shows a card and changes nothing itself; never say that it is done."
    ),
    properties=FILTERS,
    run=_delete_all_tasks,
)
