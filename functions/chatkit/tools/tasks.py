"""The tools that work on single tasks, and the one that lists them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.tools.definition import Arguments, Tool, ToolCall, ToolOutcome
from functions.chatkit.tools.schemas import CLEARABLE_DETAILS, DETAILS, FILTERS, TASK_ID, TITLE
from functions.chatkit.widgets import task_card, task_list
from functions.chatkit.words import counted, due_in_words, quoted
from taskchat import tasks
from taskchat.errors import InvalidFieldsError
from taskchat.tasks import Changed, Task, TaskDraft, TaskFilter, TaskPatch, validate

_DEFAULT_LISTED = 20


def task_for_model(task: Task, timezone: ZoneInfo) -> dict[str, Any]:
    """The task as JSON, its times as the person would say them: in their zone."""

    def local(moment: datetime | None) -> str | None:
        return moment.astimezone(timezone).isoformat(timespec="minutes") if moment else None

    return {
        "id": task.id,
        "title": task.title,
        "description": task.description,
        "priority": task.priority,
        "tags": list(task.tags),
        "due_at": local(task.due_at),
        "completed_at": local(task.completed_at),
    }


def read_filters(arguments: Arguments, timezone: ZoneInfo) -> TaskFilter:
    """The filters of a tool, whose `query` is the service's `q`."""
    values = dict(arguments)
    if "query" in values:
        values["q"] = values.pop("query")
    return validate(TaskFilter, values, timezone)


def _split_id(arguments: Arguments) -> tuple[str, dict[str, Any]]:
    rest = dict(arguments)
    task_id = rest.pop("task_id", None)
    if not isinstance(task_id, str) or not task_id:
        raise InvalidFieldsError({"task_id": "is required"})
    return task_id, rest


def _changed(call: ToolCall, changed: Changed, summary: str, *, done: str) -> ToolOutcome:
    (task,) = changed.tasks
    return ToolOutcome(
        result={"task": task_for_model(task, call.timezone)},
        summary=summary,
        done=done,
        widget=task_card(task, call.timezone, change_id=changed.change_id),
        changed=changed.change_id is not None,
    )


async def _create_task(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    draft = validate(TaskDraft, arguments, call.timezone)
    changed = await tasks.create_task(call.connection, call.user_id, draft, origin=call.origin)
    due = f", due {due_in_words(draft.due_at, call.timezone)}" if draft.due_at else ""
    return _changed(call, changed, f"{quoted(draft.title)}{due}", done="Created")


async def _list_tasks(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    limit = arguments.get("limit", _DEFAULT_LISTED)
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise InvalidFieldsError({"limit": "must be a whole number"})
    filters = read_filters({k: v for k, v in arguments.items() if k != "limit"}, call.timezone)
    page = await tasks.list_tasks(call.connection, call.user_id, filters, limit=limit)
    has_more = page.next_cursor is not None
    return ToolOutcome(
        result={
            "tasks": [task_for_model(task, call.timezone) for task in page.tasks],
            "has_more": has_more,
        },
        summary=f"{counted(page.tasks)}{' and more' if has_more else ''}",
        done="Looked at" if page.tasks else "Found",
        count=len(page.tasks),
        widget=task_list(page.tasks, call.timezone) if page.tasks else None,
    )


async def _update_task(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    task_id, rest = _split_id(arguments)
    if completion := {"completed", "completed_at"} & rest.keys():
        raise InvalidFieldsError(dict.fromkeys(completion, "is for complete_task"))
    patch = validate(TaskPatch, rest, call.timezone)
    changed = await tasks.update_task(
        call.connection, call.user_id, task_id, patch, origin=call.origin
    )
    return _changed(call, changed, quoted(changed.tasks[0].title), done="Changed")


async def _complete_task(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    task_id, rest = _split_id(arguments)
    completed = rest.pop("completed", True)
    if rest or not isinstance(completed, bool):
        raise InvalidFieldsError({"completed": "must be true or false, and nothing else is known"})
    changed = await tasks.complete_task(
        call.connection, call.user_id, task_id, completed, origin=call.origin
    )
    summary = f"{quoted(changed.tasks[0].title)}{'' if completed else ' is open again'}"
    return _changed(call, changed, summary, done="Completed" if completed else "Reopened")


async def _delete_task(call: ToolCall, arguments: Arguments) -> ToolOutcome:
    task_id, rest = _split_id(arguments)
    if rest:
        raise InvalidFieldsError(dict.fromkeys(rest, "is not a known field"))
    changed = await tasks.delete_task(call.connection, call.user_id, task_id, origin=call.origin)
    (task,) = changed.tasks
    return ToolOutcome(
        result={"deleted": task.title},
        summary=quoted(task.title),
        done="Deleted",
        widget=task_card(task, call.timezone, change_id=changed.change_id, deleted=True),
        changed=True,
    )


CREATE_TASK = Tool(
    name="create_task",
    doing="Create task",
    icon="plus",
    description="Create one task. Call it once for each task that the person names.",
    properties={"title": TITLE, **DETAILS},
    required=("title",),
    run=_create_task,
)
LIST_TASKS = Tool(
    name="list_tasks",
    doing="Look at the tasks",
    icon="search",
    description=(
        "List the person's tasks, open ones first and soonest due first. Use it to answer "
        "questions about tasks, and to find the id of a task that the person means."
    ),
    properties={
        **FILTERS,
        "limit": {
            "type": "integer",
            "description": f"How many at most, 1 to 100; {_DEFAULT_LISTED} by default.",
        },
    },
    run=_list_tasks,
)
UPDATE_TASK = Tool(
    name="update_task",
    doing="Change task",
    icon="write",
    description="Change one task: only the fields given. To complete it use complete_task.",
    properties={"task_id": TASK_ID, "title": TITLE, **CLEARABLE_DETAILS},
    required=("task_id",),
    run=_update_task,
)
COMPLETE_TASK = Tool(
    name="complete_task",
    doing="Complete task",
    icon="check-circle",
    description="Mark one task as completed, or with completed=false as open again.",
    properties={
        "task_id": TASK_ID,
        "completed": {"type": "boolean", "description": "True (the default) or false to reopen."},
    },
    required=("task_id",),
    run=_complete_task,
)
DELETE_TASK = Tool(
    name="delete_task",
    doing="Delete task",
    icon="page-blank",
    description="Delete one task. The person can undo it.",
    properties={"task_id": TASK_ID},
    required=("task_id",),
    run=_delete_task,
)
