"""The assistant's tools.

To add one, write a `ToolDefinition` in `taskchat.tools`, add a `Tool` to a module here that shows
its outcome, and list it in `TOOLS`.
"""

from functions.chatkit.tools.bulk import COMPLETE_ALL_TASKS, DELETE_ALL_TASKS, show_question
from functions.chatkit.tools.choice import ASK_WHICH_TASK
from functions.chatkit.tools.definition import Choice, Tool, ToolOutcome
from functions.chatkit.tools.tasks import (
    COMPLETE_TASK,
    CREATE_TASK,
    DELETE_TASK,
    LIST_TASKS,
    UPDATE_TASK,
)
from taskchat.tools import ToolCall

__all__ = ["DELETE_TASK", "TOOLS", "Choice", "Tool", "ToolCall", "ToolOutcome", "show_question"]

TOOLS: tuple[Tool, ...] = (
    CREATE_TASK,
    LIST_TASKS,
    UPDATE_TASK,
    COMPLETE_TASK,
    DELETE_TASK,
    COMPLETE_ALL_TASKS,
    DELETE_ALL_TASKS,
    ASK_WHICH_TASK,
)
