"""The tool that asks which of several tasks is meant, and ends the answer. Only the chat has it."""

from pydantic import BaseModel, ConfigDict, Field

from functions.chatkit.formatting import counted, due_in_words
from functions.chatkit.tools.definition import Choice, Tool, ToolOutcome
from taskchat.errors import BadRequestError
from taskchat.tasks import Task, get_tasks
from taskchat.tools import ToolCall, ToolDefinition

FEWEST_OPTIONS = 2
MOST_OPTIONS = 10
_MAX_QUESTION = 200


class AskWhichTask(BaseModel):
    """The question, and the tasks to choose from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(description="A short question in the person's language.")
    task_ids: list[str] = Field(
        description=f"Their ids, {FEWEST_OPTIONS} to {MOST_OPTIONS} of them."
    )


async def _find_options(call: ToolCall, arguments: AskWhichTask) -> tuple[str, tuple[Task, ...]]:
    tasks = await get_tasks(call.connection, call.user_id, arguments.task_ids[:MOST_OPTIONS])
    if len(tasks) < FEWEST_OPTIONS:
        raise BadRequestError("Fewer than two of these tasks exist; there is nothing to choose.")
    return arguments.question[:_MAX_QUESTION], tasks


def _show_question(call: ToolCall, asked: tuple[str, tuple[Task, ...]]) -> ToolOutcome:
    question, tasks = asked
    options: dict[str, str] = {}
    for task in tasks:
        due = f" · {due_in_words(task.due_at, call.timezone)}" if task.due_at else ""
        option = f"{task.title}{due}"
        number = 2
        while option in options:
            option, number = f"{task.title}{due} ({number})", number + 1
        options[option] = task.id
    return ToolOutcome(
        result={"asked": "The person chooses.", "task_ids_by_option": options},
        summary=f"Among {counted(tasks)}",
        done="Asked about",
        count=len(tasks),
        choice=Choice(question=question, options=tuple(options)),
    )


ASK_WHICH_TASK = Tool(
    definition=ToolDefinition(
        name="ask_which_task",
        description=(
            "Ask the person which of several tasks they mean, where list_tasks found more than one "
            "that fits. It shows the tasks to choose from and ends the answer."
        ),
        arguments=AskWhichTask,
        run=_find_options,
        read_only=True,
    ),
    doing="Ask which task",
    icon="circle-question",
    show=_show_question,
)
