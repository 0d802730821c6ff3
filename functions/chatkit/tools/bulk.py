"""The tools that change many tasks: they show a card, and the person's click decides."""

from functions.chatkit.formatting import counted
from functions.chatkit.tools.definition import Tool, ToolOutcome
from functions.chatkit.widgets import confirmation_card
from taskchat import tools
from taskchat.tasks import BulkKind, Confirmation
from taskchat.tools import ToolCall

_NAMED_TO_MODEL = 10

_ASKED: dict[BulkKind, str] = {
    "complete": "Asked about completing",
    "delete": "Asked about deleting",
}


def show_question(call: ToolCall, confirmation: Confirmation) -> ToolOutcome:
    """The card on which the person confirms or cancels a bulk change."""
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
        done=_ASKED[confirmation.kind],
        count=len(tasks),
        widget=confirmation_card(confirmation, call.timezone),
        widget_id=confirmation.id.replace("cnf_", "msg_"),
    )


COMPLETE_ALL_TASKS = Tool(
    definition=tools.COMPLETE_ALL_TASKS,
    doing="Ask about completing tasks",
    icon="circle-question",
    show=show_question,
)
DELETE_ALL_TASKS = Tool(
    definition=tools.DELETE_ALL_TASKS,
    doing="Ask about deleting tasks",
    icon="circle-question",
    show=show_question,
)
