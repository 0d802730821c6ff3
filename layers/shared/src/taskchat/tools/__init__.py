"""Tools: what an assistant can do with a person's tasks, in our chat or through MCP."""

from taskchat.tools.bounds import MAX_OUTPUT_CHARACTERS, bounded
from taskchat.tools.bulk import COMPLETE_ALL_TASKS, DELETE_ALL_TASKS, OpenTaskFilter
from taskchat.tools.definition import ToolCall, ToolDefinition
from taskchat.tools.results import DeletedTask, FoundTasks, OneTask, found_tasks, local_task
from taskchat.tools.tasks import (
    COMPLETE_TASK,
    CREATE_TASK,
    DELETE_TASK,
    LIST_TASKS,
    UPDATE_TASK,
    TaskReference,
    ToolFilter,
)

__all__ = [
    "COMPLETE_ALL_TASKS",
    "COMPLETE_TASK",
    "CREATE_TASK",
    "DELETE_ALL_TASKS",
    "DELETE_TASK",
    "LIST_TASKS",
    "MAX_OUTPUT_CHARACTERS",
    "UPDATE_TASK",
    "DeletedTask",
    "FoundTasks",
    "OneTask",
    "OpenTaskFilter",
    "TaskReference",
    "ToolCall",
    "ToolDefinition",
    "ToolFilter",
    "bounded",
    "found_tasks",
    "local_task",
]
