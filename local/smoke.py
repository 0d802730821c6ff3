"""`make smoke`: checks a deployed endpoint from outside, and leaves nothing behind.

It needs a token of a person who may be asked nothing else meanwhile: one message is sent in their
name, and the thread and the task that it makes are removed again.
"""

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


def main(url: str, token: str) -> None:
    """Run all checks against the endpoint. Raises `SmokeError` at the first that fails."""
    with httpx2.Client(base_url=url.rstrip("/"), timeout=_TIMEOUT) as http:
        _check("the service is ready", http.get("/readyz").status_code == _OK)
        refused = http.post("/api/chatkit", json=_request("threads.list", {}))
        _check("a request without a token is refused", refused.status_code == _UNAUTHENTICATED)
        http.headers["Authorization"] = f"Bearer {token}"
        session = http.get("/api/session")
        _check("the token is accepted", session.status_code == _OK)
        print(f"    {session.json()['user']['id']}, answered by {session.json()['model']}")
        _check_chat(http)


def _check_chat(http: httpx2.Client) -> None:
    title = f"Smoke test {uuid4().hex[:8]}"
    content = [{"type": "input_text", "text": f"Create a task called {title}"}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    thread_id, arrivals, failure = "", [], None
    started = time.monotonic()
    for event in _events(http, _request("threads.create", {"input": message})):
        arrivals.append(time.monotonic() - started)
        if event["type"] == "thread.created":
            thread_id = event["thread"]["id"]
        elif event["type"] == "error":
            failure = event.get("message") or "an error without a message"
    try:
        _check(f"the answer has no error ({failure})" if failure else "it answers", not failure)
        _check("the answer streams", len(arrivals) > 1 and arrivals[0] < arrivals[-1] / 2)
        print(f"    first event after {arrivals[0]:.2f} s, last after {arrivals[-1]:.2f} s")
        found = http.get("/api/tasks", params={"q": title}).json()["tasks"]
        _check("the task is in the list", len(found) == 1)
        deleted = http.delete(f"/api/tasks/{found[0]['id']}")
        undone = http.post(f"/api/changes/{deleted.headers['X-Change-Id']}/undo")
        _check("a change can be undone", undone.status_code == _OK)
    finally:
        for task in http.get("/api/tasks", params={"q": title}).json()["tasks"]:
            http.delete(f"/api/tasks/{task['id']}")
        http.post("/api/chatkit", json=_request("threads.delete", {"thread_id": thread_id}))


def _request(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "params": params}


def _events(http: httpx2.Client, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with http.stream("POST", "/api/chatkit", json=request) as response:
        if response.status_code != _OK:
            raise SmokeError(f"the chat answered {response.status_code}: {response.read()!r}")
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def _check(what: str, holds: bool) -> None:
    if not holds:
        raise SmokeError(f"not so: {what}")
    print(f"  ✓ {what}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (SmokeError, httpx2.TransportError) as error:
        raise SystemExit(f"  ✗ {error}") from None
