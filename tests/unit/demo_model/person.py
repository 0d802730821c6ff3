"""Somebody who chats with the demo model, with the tools kept in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from local.demo_model import create_app

INSTRUCTIONS = (
    "You manage tasks.\n"
    "The person's current time is 2026-11-21T11:42:00+01:00 (Europe/Berlin, Saturday)\n"
    "Be brief."
)


@dataclass
class Person:
    """Says something, has the calls executed as the system would, and hears the answer."""

    model: str = "demo"
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(
        default_factory=lambda: [{"role": "system", "content": INSTRUCTIONS}]
    )
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Those of the last turn."""
    chooses: str | None = None
    """What they answer to a question which task they mean; by default they skip it."""
    steps: int = 0
    """How often the model was asked in the last turn."""

    def says(self, text: str | list[dict[str, Any]]) -> str:
        self.messages.append({"role": "user", "content": text})
        self.calls, self.steps = [], 0
        while True:
            message = self._ask()
            self.messages.append(message)
            self.steps += 1
            if not message.get("tool_calls"):
                return str(message["content"])
            for place, call in enumerate(message["tool_calls"]):
                call["id"] = f"call_{len(self.messages)}_{place}"
                name, arguments = (
                    call["function"]["name"],
                    json.loads(call["function"]["arguments"]),
                )
                self.calls.append((name, arguments))
                result = TOOLS[name](self, **arguments)
                self.messages.append(
                    {"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)}
                )
                if name == "ask_which_task":
                    self.messages.append({"role": "user", "content": self._note()})

    def has(self, title: str, **members: Any) -> str:
        """A task that is there already; its id."""
        created = create_task(self, title, **members)["task"]
        return str(created["id"])

    def _note(self) -> str:
        """How the system tells of the answer to a question."""
        answer = json.dumps(self.chooses) if self.chooses else "nothing"
        return (
            f'<note>To the question "Which one?" they answered {answer}. (Not the person.)</note>'
        )

    def _ask(self) -> dict[str, Any]:
        with TestClient(create_app(first_token_seconds=0, word_seconds=0)) as client:
            asked = {"model": self.model, "messages": self.messages}
            answer = client.post("/v1/chat/completions", json=asked)
        assert answer.status_code == 200, answer.text
        message: dict[str, Any] = answer.json()["choices"][0]["message"]
        return message


def create_task(person: Person, title: str, **members: Any) -> dict[str, Any]:
    task = {
        "id": f"tsk_{len(person.tasks) + 1}",
        "title": title,
        "description": "",
        "priority": "medium",
        "tags": [],
        "due_at": None,
        "completed_at": None,
    } | members
    if task["due_at"] and "+" not in task["due_at"]:
        task["due_at"] += "+01:00"
    person.tasks[task["id"]] = task
    return {"task": dict(task)}


def list_tasks(person: Person, **filters: Any) -> dict[str, Any]:
    return {"tasks": _matching(person, filters), "has_more": False}


def update_task(person: Person, task_id: str, **members: Any) -> dict[str, Any]:
    if task_id not in person.tasks:
        return {"error": "There is no such task."}
    if members.get("due_at"):
        members["due_at"] += "+01:00"
    person.tasks[task_id] |= members
    return {"task": dict(person.tasks[task_id])}


def complete_task(person: Person, task_id: str, completed: bool = True) -> dict[str, Any]:
    at = "2026-11-21T10:42:00+00:00" if completed else None
    return update_task(person, task_id) | update_task(person, task_id, completed_at=at)


def delete_task(person: Person, task_id: str) -> dict[str, Any]:
    task = person.tasks.pop(task_id, None)
    return {"deleted": task["title"]} if task else {"error": "There is no such task."}


def confirm(person: Person, **filters: Any) -> dict[str, Any]:
    titles = [task["title"] for task in _matching(person, filters)]
    if not titles:
        return {"count": 0}
    return {"confirmation": "shown", "count": len(titles), "tasks": titles}


def ask_which_task(person: Person, question: str, task_ids: list[str]) -> dict[str, Any]:
    return {
        "asked": question,
        "task_ids_by_option": {person.tasks[task_id]["title"]: task_id for task_id in task_ids},
    }


def _matching(person: Person, filters: dict[str, Any]) -> list[dict[str, Any]]:
    def fits(task: dict[str, Any]) -> bool:
        wanted = filters.get("completed")
        return (
            (wanted is None or bool(task["completed_at"]) == wanted)
            and filters.get("query", "").lower() in task["title"].lower()
            and filters.get("priority", task["priority"]) == task["priority"]
            and ("tag" not in filters or filters["tag"] in task["tags"])
        )

    return [dict(task) for task in person.tasks.values() if fits(task)]


TOOLS: dict[str, Callable[..., dict[str, Any]]] = {
    "create_task": create_task,
    "list_tasks": list_tasks,
    "update_task": update_task,
    "complete_task": complete_task,
    "delete_task": delete_task,
    "complete_all_tasks": confirm,
    "delete_all_tasks": confirm,
    "ask_which_task": ask_which_task,
}
