"""Asks which of several tasks is meant, and reads the person's choice."""

from typing import Any

from local.demo_model.calls import Call
from local.demo_model.conversation import Conversation, Executed, Memory, Task
from local.demo_model.intents import Change
from local.demo_model.matching import find_by_title

_TOOL = "ask_which_task"
_MOST_OPTIONS = 10


def ask_which(intent: Change, candidates: list[Task]) -> Call | None:
    """The call that asks the person.

    None if they meant several tasks, or if the candidates are too few or too many.
    """
    if intent.target.kind == "several" or not 1 < len(candidates) <= _MOST_OPTIONS:
        return None
    ids = [task["id"] for task in candidates]
    return Call(_TOOL, {"question": "Which one do you mean?", "task_ids": ids}, intent)


def question_of(conversation: Conversation) -> Executed | None:
    """The question that the person was asked in this turn."""
    calls = (call for step in conversation.steps for call in step)
    return next((call for call in calls if call.name == _TOOL and _options(call)), None)


def chosen_task(question: Executed, conversation: Conversation) -> Task | None:
    """The task that the person chose, or named in their own words. None if they did neither."""
    answer = conversation.answer
    if answer is None:
        return None
    options = _options(question)
    if answer not in options:
        named = [{"id": task_id, "title": option} for option, task_id in options.items()]
        found = find_by_title(answer, named)
        if len(found) != 1:
            return None
        answer = found[0]["title"]
    looked_up = Memory()
    looked_up.take(conversation.steps)
    task_id = options[answer]
    return looked_up.tasks.get(task_id, {"id": task_id, "title": answer})


def _options(question: Executed) -> dict[str, str]:
    options: Any = question.result.get("task_ids_by_option")
    return dict(options) if isinstance(options, dict) else {}
