"""Two people: one sends the requests, and no response may contain the other's data.

All of the other person's data contains `CANARY`, except their ids. The sender knows these ids, as
if they had leaked.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.support.chat import Event, message, thread_of, token_for

CANARY = "kestrel-90125"
SENDER = "alice"
OTHER = f"bob-{CANARY}"

MOST_IDS = 30


@dataclass
class Ids:
    """The ids that a person knows, by kind: thread, item, task, change, confirmation."""

    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, value: Any) -> None:
        """Add the ids in a response's JSON, and forget the oldest ones."""
        kinds = {"thr_": "thread", "tsk_": "task", "chg_": "change", "cnf_": "confirmation"}
        if isinstance(value, dict):
            for member in value.values():
                self.learn(member)
        elif isinstance(value, list):
            for member in value:
                self.learn(member)
        elif isinstance(value, str) and 10 < len(value) < 50 and value[3:4] == "_":
            ids = self.known[kinds.get(value[:4], "item")]
            if value not in ids:
                ids.append(value)
                del ids[:-MOST_IDS]


@dataclass
class Person:
    """One of the two people, with a client for the system."""

    name: str
    client: httpx2.Client
    ids: Ids = field(default_factory=Ids)

    def post(self, kind: str, params: dict[str, Any]) -> httpx2.Response:
        """Send a request of the ChatKit protocol, which must be accepted."""
        response = self.client.post("/api/chatkit", json={"type": kind, "params": params})
        assert response.status_code == 200, response.text
        return response

    def events(self, kind: str, params: dict[str, Any]) -> list[Event]:
        """Send a streaming request, and learn the ids in its events."""
        lines = self.post(kind, params).text.split("\n")
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        self.ids.learn(events)
        return events

    def settle_in(self, mark: str) -> None:
        """Create tasks, a conversation, a change to undo and a card to confirm, with `mark`."""
        for title in (f"Call {mark}", f"Pay {mark}"):
            values = {"title": title, "description": mark, "tags": [mark]}
            made = self.client.post("/api/tasks", json=values)
            assert made.status_code == 201, made.text
            self.ids.learn([made.json(), made.headers["x-change-id"]])
        said = f"Create a task to see {mark} tomorrow at 5pm"
        events = self.events("threads.create", {"input": message(said)})
        thread_id = thread_of(events)
        for text in ("Show my tasks", "Delete all my tasks"):
            params = {"thread_id": thread_id, "input": message(text)}
            self.events("threads.add_user_message", params)
        self.post("threads.update", {"thread_id": thread_id, "title": f"About {mark}"})


def person_at(url: str, name: str) -> Person:
    """A person with a client at the system's address."""
    headers = {"Authorization": f"Bearer {token_for(name)}"}
    return Person(name, httpx2.Client(base_url=url, headers=headers, timeout=30))
