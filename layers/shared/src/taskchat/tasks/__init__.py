"""Tasks: the model, its operations, bulk changes and Undo."""

from taskchat.tasks.bulk import (
    BulkKind,
    BulkOutcome,
    Confirmation,
    ask_to_delete,
    cancel_bulk,
    confirm_bulk,
    load_confirmation,
    propose_bulk,
)
from taskchat.tasks.changes import BY_PERSON, AlreadyUndoneError, Changed, Origin, undo_change
from taskchat.tasks.models import (
    Priority,
    Task,
    TaskDetailsPatch,
    TaskDraft,
    TaskFilter,
    TaskPatch,
)
from taskchat.tasks.service import (
    MAX_LIMIT,
    TaskPage,
    complete_task,
    create_task,
    delete_task,
    get_task,
    get_tasks,
    list_tasks,
    update_task,
)
from taskchat.tasks.times import parse_time
from taskchat.tasks.validation import validate

__all__ = [
    "BY_PERSON",
    "MAX_LIMIT",
    "AlreadyUndoneError",
    "BulkKind",
    "BulkOutcome",
    "Changed",
    "Confirmation",
    "Origin",
    "Priority",
    "Task",
    "TaskDetailsPatch",
    "TaskDraft",
    "TaskFilter",
    "TaskPage",
    "TaskPatch",
    "ask_to_delete",
    "cancel_bulk",
    "complete_task",
    "confirm_bulk",
    "create_task",
    "delete_task",
    "get_task",
    "get_tasks",
    "list_tasks",
    "load_confirmation",
    "parse_time",
    "propose_bulk",
    "undo_change",
    "update_task",
    "validate",
]
