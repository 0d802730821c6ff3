"""Reads a request's messages: the person's question and time, and the tasks mentioned so far."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CURRENT_TIME = re.compile(r"The person's current time is (\S+)(?: \(([\w/+-]+))?")
_MENTION = re.compile(r"@([^@]+?) is the task with task_id (\S+)")
_ANSWER = re.compile(r'they answered ("(?:[^"\\]|\\.)*")')
_FILE = re.compile(r'<note>The person attached the file ("(?:[^"\\]|\\.)*")')
_NOT_THE_PERSON = (
    "<note>",
    "# User-provided context for @-mentions",
    "The user is referring to this in particular",
)
"""How messages begin that have the role `user` but were written by the system."""

Task = dict[str, Any]
Message = dict[str, Any]


@dataclass(frozen=True)
class Executed:
    """A tool call with its result, which is empty while there is none yet."""

    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]


@dataclass
class Memory:
    """The tasks in the tools' results, ordered by when they were last mentioned."""

    tasks: dict[str, Task] = field(default_factory=dict)
    last_batch: list[str] = field(default_factory=list)
    """The ids of the tasks of the last turn that had any, in order."""
    last_list: list[str] = field(default_factory=list)

    def take(self, steps: Sequence[Sequence[Executed]]) -> None:
        """Remember the tasks of one turn."""
        batch: dict[str, None] = {}
        for call in (call for step in steps for call in step):
            tasks = tasks_of(call)
            for task in tasks:
                self.tasks.pop(task["id"], None)
                self.tasks[task["id"]] = task
            if call.name == "list_tasks":
                self.last_list = [task["id"] for task in tasks]
                # "It" means the first task of a list, not its last.
                for task in reversed(tasks):
                    self.tasks[task["id"]] = self.tasks.pop(task["id"])
            elif call.name == "delete_task" and "error" not in call.result:
                self.tasks.pop(str(call.arguments.get("task_id")), None)
                continue
            batch |= dict.fromkeys(task["id"] for task in tasks)
        if batch:
            self.last_batch = list(batch)


@dataclass(frozen=True)
class Conversation:
    """The question to answer, the tool calls made for it so far, and the tasks known before it."""

    question: str
    now: datetime
    """The person's local time, with its time zone."""
    before: Memory
    steps: list[list[Executed]]
    """The tool calls of this turn, one list for each response of the model."""
    answer: str | None
    """The person's reply to a question that was asked in this turn."""
    is_first_answer: bool
    files: list[str] = field(default_factory=list)
    """The names of the files attached to the question."""


def read_conversation(messages: Sequence[Message]) -> Conversation:
    """The conversation in a chat completion request's `messages`."""
    asked = [i for i, message in enumerate(messages) if _is_the_persons(message)]
    start = asked[-1] if asked else len(messages)
    memory = Memory()
    for first, end in pairwise([0, *asked]):
        memory.take(_steps(messages[first:end]))
    question = _text(messages[start]) if asked else ""
    for title, task_id in _mentions(messages):
        if f"@{title}" in question:
            memory.tasks[task_id] = memory.tasks.pop(task_id, {"id": task_id, "title": title})
            question = question.replace(f"@{title}", f"“{title}”")
    return Conversation(
        question=question,
        now=_now(messages),
        before=memory,
        steps=_steps(messages[start:]),
        answer=_answer(messages[start:]),
        is_first_answer=not any(
            message.get("role") == "assistant" and _text(message) for message in messages
        ),
        files=_files(messages[start]) if asked else [],
    )


def tasks_of(call: Executed) -> list[Task]:
    """The tasks in a tool's result that have an id and a title."""
    found = call.result.get("tasks", [call.result.get("task", call.result)])
    tasks = found if isinstance(found, list) else []
    return [task for task in tasks if isinstance(task, dict) and {"id", "title"} <= task.keys()]


def _mentions(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """The titles and ids of tasks that were mentioned with @."""
    texts = [_text(message) for message in messages if message.get("role") == "user"]
    return [(found[1], found[2]) for text in texts for found in _MENTION.finditer(text)]


def _is_the_persons(message: Message) -> bool:
    return message.get("role") == "user" and not _text(message).startswith(_NOT_THE_PERSON)


def _steps(messages: Sequence[Message]) -> list[list[Executed]]:
    results = {
        message.get("tool_call_id"): _parsed(_text(message))
        for message in messages
        if message.get("role") == "tool"
    }
    return [
        [
            Executed(
                name=call["function"]["name"],
                arguments=_parsed(call["function"].get("arguments") or "{}"),
                result=results.get(call.get("id"), {}),
            )
            for call in message["tool_calls"]
        ]
        for message in messages
        if message.get("role") == "assistant" and message.get("tool_calls")
    ]


def _answer(messages: Sequence[Message]) -> str | None:
    """The newest reply that is in the system's notes."""
    notes = [_text(message) for message in messages if message.get("role") == "user"]
    answers = [found[1] for note in notes[1:] for found in _ANSWER.finditer(note)]
    return str(json.loads(answers[-1])) if answers else None


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {"error": text}
    if isinstance(value, list):
        return {"tasks": value}
    return value if isinstance(value, dict) else {"text": value}


def _files(message: Message) -> list[str]:
    found = [_FILE.match(text) for text in _texts(message)]
    return [str(json.loads(match[1])) for match in found if match]


def _text(message: Message) -> str:
    """The message's text, without the notes about attached files."""
    return " ".join(text for text in _texts(message) if not _FILE.match(text)).strip()


def _texts(message: Message) -> list[str]:
    content = message.get("content") or ""
    if isinstance(content, list):
        return [part.get("text") or "" for part in content if isinstance(part, dict)]
    return [str(content)]


def _now(messages: Sequence[Message]) -> datetime:
    for message in messages:
        if found := _CURRENT_TIME.search(_text(message)):
            try:
                now = datetime.fromisoformat(found[1])
            except ValueError:
                continue
            return now.astimezone(_zone(found[2]) or now.tzinfo or UTC)
    return datetime.now(UTC)


def _zone(name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
