"""`make smoke`: checks a deployed endpoint from outside, and leaves nothing behind.

It sends one message in the name of the token's person, who must not send any others meanwhile, and
then deletes the thread and the task that the message created.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

_TIMEOUT = httpx2.Timeout(30.0)
_OK = 200
_UNAUTHENTICATED = 401
_FORBIDDEN = 403
_LONGEST_QUOTE = 200


class SmokeError(Exception):
    """A check failed. The message says which."""


def main(url: str, token: str, chat_url: str = "") -> None:
    """Run all checks against the endpoint. Raises `SmokeError` at the first failure.

    A stack without CloudFront has two addresses; `chat_url` is then the chat's.
    """
    with _client(url) as http, _client(chat_url or url) as chat:
        _check("the service is ready", http.get("/readyz"))
        refused = chat.post("/api/chatkit", json=_request("threads.list", {}))
        _check("a request without a token is refused", refused, _UNAUTHENTICATED)
        http.headers["Authorization"] = chat.headers["Authorization"] = f"Bearer {token}"
        session = http.get("/api/session")
        _check("the token is accepted", session)
        told = _document(session, "user", "model")
        print(f"    {told['user']['id']}, answered by {told['model']}")
        _check_chat(http, chat)


def _client(url: str) -> httpx2.Client:
    hooks = {"request": [_hash_body]}
    return httpx2.Client(base_url=url.rstrip("/"), timeout=_TIMEOUT, event_hooks=hooks)


def _hash_body(request: httpx2.Request) -> None:
    """Add the body's hash: CloudFront signs requests to a function URL but does not hash bodies."""
    if request.method == "POST":
        request.headers["x-amz-content-sha256"] = hashlib.sha256(request.read()).hexdigest()


def _check_chat(http: httpx2.Client, chat: httpx2.Client) -> None:
    title = f"Smoke test {uuid4().hex[:8]}"
    answer = _Answer()
    try:
        answer.read(chat, f"Create a task called {title}")
        _say("the answer has no error", answer.failure)
        _say("the answer streams", answer.why_not_streamed())
        print(f"    first event after {answer.first:.2f} s, last after {answer.last:.2f} s")
        tasks = _tasks(http, title)
        _say("the task is in the list", "" if tasks else f"the answer made no task {title!r}")
        deleted = http.delete(f"/api/tasks/{tasks[0]['id']}")
        _check("the task can be deleted", deleted, 204)
        change = deleted.headers.get("X-Change-Id", "")
        _check("a change can be undone", http.post(f"/api/changes/{change}/undo"))
        undone = "" if _tasks(http, title) else "the deleted task is not back in the list"
        _say("what was undone is as it was", undone)
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
        chat.post("/api/chatkit", json=_request("threads.delete", {"thread_id": answer.thread}))


def _tasks(http: httpx2.Client, title: str) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = _document(http.get("/api/tasks", params={"q": title}), "tasks")[
        "tasks"
    ]
    return tasks


def _request(kind: str, params: dict[str, Any]) -> dict[str, Any]:
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
        request = _request("threads.create", {"input": message})
        started = time.monotonic()
        with chat.stream("POST", "/api/chatkit", json=request) as response:
            if response.status_code != _OK:
                response.read()
                _check("the chat answers", response)
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


def _document(response: httpx2.Response, *keys: str) -> dict[str, Any]:
    """Return the response's JSON object. Raises `SmokeError` if it is not one or lacks a key."""
    try:
        found: Any = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= set(keys):
        raise SmokeError(f"{_describe(response)}, which has no {' and '.join(keys)}")
    return found


def _check(what: str, response: httpx2.Response, expected: int = _OK) -> None:
    found = response.status_code
    reason = "" if found == expected else f"{_describe(response)} instead of {expected}"
    if found == _FORBIDDEN and expected != _FORBIDDEN and "x-request-id" not in response.headers:
        reason += (
            ". Something in front of the functions refuses it: CloudFront does if the body's hash "
            "is missing (x-amz-content-sha256), the function URL if CloudFront may not invoke it"
        )
    _say(what, reason)


def _describe(response: httpx2.Response) -> str:
    request = response.request
    words = [f"{request.method} {request.url.path} answered {response.status_code}"]
    if request_id := response.headers.get("x-request-id"):
        words.append(f"(X-Request-Id {request_id})")
    if response.status_code != _OK and response.text.strip():
        words.append(f"{response.text.strip()[:_LONGEST_QUOTE]!r}")
    return " ".join(words)


def _say(what: str, wrong: str) -> None:
    if wrong:
        raise SmokeError(f"not so: {what}. {wrong}")
    print(f"  ✓ {what}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (SmokeError, httpx2.TransportError, httpx2.InvalidURL) as error:
        raise SystemExit(f"  ✗ {error}") from None
