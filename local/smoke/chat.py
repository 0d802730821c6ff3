"""Checks the chat with one message, and deletes the thread and the task that it creates."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from local.smoke.checks import OK, SmokeError, check, document, say


def check_chat(http: httpx2.Client, chat: httpx2.Client) -> None:
    """Raises `SmokeError` at the first check that fails. Both clients send the token."""
    title = f"Smoke test {uuid4().hex[:8]}"
    answer = _Answer()
    try:
        answer.read(chat, f"Create a task called {title}")
        say("the answer has no error", answer.failure)
        say("the answer streams", answer.why_not_streamed())
        print(f"    first event after {answer.first:.2f} s, last after {answer.last:.2f} s")
        tasks = _tasks(http, title)
        say("the task is in the list", "" if tasks else f"the answer made no task {title!r}")
        deleted = http.delete(f"/api/tasks/{tasks[0]['id']}")
        check("the task can be deleted", deleted, 204)
        change = deleted.headers.get("X-Change-Id", "")
        check("a change can be undone", http.post(f"/api/changes/{change}/undo"))
        undone = "" if _tasks(http, title) else "the deleted task is not back in the list"
        say("what was undone is as it was", undone)
    except BaseException:
        try:
            _clean_up(http, chat, title, answer)
        except (SmokeError, httpx2.TransportError) as error:
            print(f"    {title} was not removed again: {error}")
        raise
    _clean_up(http, chat, title, answer)


def _clean_up(http: httpx2.Client, chat: httpx2.Client, title: str, answer: "_Answer") -> None:
    for task in _tasks(http, title):
        http.delete(f"/api/tasks/{task['id']}")
    if answer.thread:
        chat.post("/api/chatkit", json=chat_request("threads.delete", {"thread_id": answer.thread}))


def _tasks(http: httpx2.Client, title: str) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = document(http.get("/api/tasks", params={"q": title}), "tasks")[
        "tasks"
    ]
    return tasks


def chat_request(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a request of the ChatKit protocol."""
    return {"type": kind, "params": params}


@dataclass
class _Answer:
    """The answer to a message: the content of its events, and how they arrived."""

    thread: str = ""
    failure: str = ""
    length: str | None = None
    """`Content-Length`, which a streamed body does not have."""
    pieces: set[int] = field(default_factory=set)
    """The pieces of the body that completed an event."""
    first: float = 0.0
    last: float = 0.0
    """Seconds from the request to the event."""

    def read(self, chat: httpx2.Client, text: str) -> None:
        """Send the text in a new thread, and read the response."""
        content = [{"type": "input_text", "text": text}]
        message = {"content": content, "attachments": [], "inference_options": {}}
        request = chat_request("threads.create", {"input": message})
        started = time.monotonic()
        with chat.stream("POST", "/api/chatkit", json=request) as response:
            if response.status_code != OK:
                response.read()
                check("the chat answers", response)
            self.length = response.headers.get("content-length")
            for piece, event in _events(response):
                self.last = time.monotonic() - started
                self.first = self.first or self.last
                self.pieces.add(piece)
                self._take_in(event)

    def _take_in(self, event: dict[str, Any]) -> None:
        if event["type"] == "thread.created":
            self.thread = event["thread"]["id"]
        elif event["type"] == "error":
            self.failure = event.get("message") or "an error without a message"

    def why_not_streamed(self) -> str:
        """Return why the answer was not streamed, or an empty string if it was."""
        if not self.pieces:
            return "it has no event"
        if self.length is not None:
            return f"it came whole, with Content-Length: {self.length}. {_STREAMS_IF}"
        if len(self.pieces) == 1:
            return f"all its events came at once, after {self.last:.2f} s. {_STREAMS_IF}"
        return ""


_STREAMS_IF = (
    "The function URL needs InvokeMode RESPONSE_STREAM and the function AWS_LAMBDA_EXEC_WRAPPER; "
    "nothing in between may buffer or compress"
)


def _events(response: httpx2.Response) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the events, each with the number of the piece of the body that completed it."""
    rest = ""
    for piece, text in enumerate(response.iter_text()):
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            if line.startswith("data: "):
                yield piece, json.loads(line.removeprefix("data: "))
