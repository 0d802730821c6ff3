"""`make smoke`: checks a deployed endpoint from outside, and leaves nothing behind.

It needs a token of a person who may be asked nothing else meanwhile: one message is sent in their
name, and the thread and the task that it makes are removed again.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2

_TIMEOUT = httpx2.Timeout(30.0)
_OK = 200
_UNAUTHENTICATED = 401


class SmokeError(Exception):
    """The endpoint does not do what it should. The message says what."""


def main(url: str, token: str, chat_url: str = "") -> None:
    """Run all checks against the endpoint. Raises `SmokeError` at the first that fails.

    A stack without an edge has two addresses; the chat's is then `chat_url`.
    """
    with _client(url) as http, _client(chat_url or url) as chat:
        _check("the service is ready", http.get("/readyz").status_code == _OK)
        refused = chat.post("/api/chatkit", json=_request("threads.list", {}))
        _check("a request without a token is refused", refused.status_code == _UNAUTHENTICATED)
        http.headers["Authorization"] = chat.headers["Authorization"] = f"Bearer {token}"
        session = http.get("/api/session")
        _check("the token is accepted", session.status_code == _OK)
        print(f"    {session.json()['user']['id']}, answered by {session.json()['model']}")
        _check_chat(http, chat)


def _client(url: str) -> httpx2.Client:
    hooks = {"request": [_hash_body]}
    return httpx2.Client(base_url=url.rstrip("/"), timeout=_TIMEOUT, event_hooks=hooks)


def _hash_body(request: httpx2.Request) -> None:
    """CloudFront signs for a function URL, and does not hash the body itself."""
    if request.method == "POST":
        request.headers["x-amz-content-sha256"] = hashlib.sha256(request.read()).hexdigest()


def _check_chat(http: httpx2.Client, chat: httpx2.Client) -> None:
    title = f"Smoke test {uuid4().hex[:8]}"
    content = [{"type": "input_text", "text": f"Create a task called {title}"}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    thread_id, arrivals, pieces, failure = "", [], set(), None
    started = time.monotonic()
    for piece, event in _events(chat, _request("threads.create", {"input": message})):
        pieces.add(piece)
        arrivals.append(time.monotonic() - started)
        if event["type"] == "thread.created":
            thread_id = event["thread"]["id"]
        elif event["type"] == "error":
            failure = event.get("message") or "an error without a message"
    try:
        _check(f"the answer has no error ({failure})" if failure else "it answers", not failure)
        _check("the answer streams", len(pieces) > 1)
        print(f"    first event after {arrivals[0]:.2f} s, last after {arrivals[-1]:.2f} s")
        found = http.get("/api/tasks", params={"q": title}).json()["tasks"]
        _check("the task is in the list", len(found) == 1)
        deleted = http.delete(f"/api/tasks/{found[0]['id']}")
        undone = http.post(f"/api/changes/{deleted.headers['X-Change-Id']}/undo")
        _check("a change can be undone", undone.status_code == _OK)
    finally:
        for task in http.get("/api/tasks", params={"q": title}).json()["tasks"]:
            http.delete(f"/api/tasks/{task['id']}")
        chat.post("/api/chatkit", json=_request("threads.delete", {"thread_id": thread_id}))


def _request(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "params": params}


def _events(chat: httpx2.Client, request: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The events, each with the number of the piece of the body that completed it."""
    with chat.stream("POST", "/api/chatkit", json=request) as response:
        if response.status_code != _OK:
            raise SmokeError(f"the chat answered {response.status_code}: {response.read()!r}")
        rest = ""
        for piece, text in enumerate(response.iter_text()):
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                if line.startswith("data: "):
                    yield piece, json.loads(line.removeprefix("data: "))


def _check(what: str, holds: bool) -> None:
    if not holds:
        raise SmokeError(f"not so: {what}")
    print(f"  ✓ {what}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (SmokeError, httpx2.TransportError) as error:
        raise SystemExit(f"  ✗ {error}") from None
