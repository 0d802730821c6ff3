"""The tools for single tasks, and the one that lists tasks, as the chat shows them."""

from functions.chatkit.formatting import counted, due_in_words, quoted
from functions.chatkit.tools.definition import Tool, ToolOutcome
from functions.chatkit.widgets import task_card, task_list
from taskchat import tools
from taskchat.tasks import Changed, TaskPage
from taskchat.tools import DeletedTask, OneTask, ToolCall, found_tasks, local_task


def _changed(call: ToolCall, changed: Changed, *, done: str, more: str = "") -> ToolOutcome:
    (task,) = changed.tasks
    return ToolOutcome(
        result=OneTask(task=local_task(task, call.timezone)).model_dump(mode="json"),
        summary=f"{quoted(task.title)}{more}",
        done=done,
        widget=task_card(task, call.timezone, change_id=changed.change_id),
        changed=changed.change_id is not None,
    )


def _show_created(call: ToolCall, changed: Changed) -> ToolOutcome:
    due_at = changed.tasks[0].due_at
    due = f", due {due_in_words(due_at, call.timezone)}" if due_at else ""
    return _changed(call, changed, done="Created", more=due)


def _show_found(call: ToolCall, page: TaskPage) -> ToolOutcome:
    found = found_tasks(page, call.timezone)
    return ToolOutcome(
        result=found.model_dump(mode="json"),
        summary=f"{counted(page.tasks)}{' and more' if found.has_more else ''}",
        done="Looked at" if page.tasks else "Found",
        count=len(page.tasks),
        widget=task_list(page.tasks, call.timezone) if page.tasks else None,
    )


def _show_updated(call: ToolCall, changed: Changed) -> ToolOutcome:
    return _changed(call, changed, done="Changed")


def _show_completed(call: ToolCall, changed: Changed) -> ToolOutcome:
    if changed.tasks[0].completed_at is None:
        return _changed(call, changed, done="Reopened", more=" is open again")
    return _changed(call, changed, done="Completed")


def _show_deleted(call: ToolCall, changed: Changed) -> ToolOutcome:
    (task,) = changed.tasks
    return ToolOutcome(
        result=DeletedTask(deleted=task.title).model_dump(mode="json"),
        summary=quoted(task.title),
        done="Deleted",
        widget=task_card(task, call.timezone, change_id=changed.change_id, deleted=True),
        changed=True,
    )


CREATE_TASK = Tool(
    definition=tools.CREATE_TASK, doing="Create task", icon="plus", show=_show_created
)
LIST_TASKS = Tool(
    definition=tools.LIST_TASKS, doing="Look at the tasks", icon="search", show=_show_found
)
UPDATE_TASK = Tool(
    definition=tools.UPDATE_TASK, doing="Change task", icon="write", show=_show_updated
)
COMPLETE_TASK = Tool(
    definition=tools.COMPLETE_TASK,
    doing="Complete task",
    icon="check-circle",
    show=_show_completed,
)
DELETE_TASK = Tool(
    definition=tools.DELETE_TASK, doing="Delete task", icon="page-blank", show=_show_deleted
)
