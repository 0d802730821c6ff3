"""A ChatKit protocol client for tests, and the whole local application as its server."""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from local.app import create_app
from local.tokens import sign_token
from taskchat.settings import AuthSettings
from tests.support.http_server import serve
from tests.support.model_server import ModelServer

SECRET = "a secret of the tests, long enough for HMAC with SHA-512 as well: 0123456789"

type Event = dict[str, Any]


def attachments_directory(database_url: str) -> Path:
    """Return the folder for a test's attached files, which no other test uses."""
    name = hashlib.sha256(database_url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"test-attachments-{name}"


def app_environment(database_url: str, model: ModelServer, **more: str) -> dict[str, str]:
    """Return the functions' environment: this database, this model, and generous limits."""
    return {
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": "10",
        "GEMINI_API_KEY": "test-key",
        "GEMINI_BASE_URL": model.base_url,
        "GEMINI_MODEL": "gemini-test",
        "JWT_SECRET": SECRET,
        "MESSAGES_PER_MINUTE": "1000",
        "MESSAGES_PER_DAY": "10000",
        "RUNS_PER_PERSON": "1000",
        "FOLLOWERS_PER_PERSON": "1000",
        "COOKIE_SECURE": "false",
        "ATTACHMENTS_DIRECTORY": str(attachments_directory(database_url)),
        "ATTACHMENTS_SECRET": SECRET,
        **more,
    }


def token_for(user: str) -> str:
    """Sign a token that the application accepts."""
    return sign_token(AuthSettings(secret=SecretStr(SECRET)), user)


@dataclass
class ChatClient:
    """A client that is signed in as one person."""

    url: str
    user: str
    timezone: str = "UTC"
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx2.AsyncClient(
            base_url=self.url,
            headers={
                "Authorization": f"Bearer {token_for(self.user)}",
                "X-Timezone": self.timezone,
            },
            timeout=30,
        )

    async def post(self, kind: str, params: Mapping[str, Any], **headers: str) -> httpx2.Response:
        """Send any request of the protocol and read the whole response."""
        return await self.http.post(
            "/api/chatkit", json={"type": kind, "params": params}, headers=headers
        )

    async def events(self, kind: str, params: Mapping[str, Any], **headers: str) -> list[Event]:
        """Return all events of a streaming request, which must be accepted."""
        return [event async for event in self.stream(kind, params, **headers)]

    async def stream(
        self, kind: str, params: Mapping[str, Any], **headers: str
    ) -> AsyncIterator[Event]:
        """Yield the events of a streaming request as they arrive."""
        request = self.http.stream(
            "POST", "/api/chatkit", json={"type": kind, "params": params}, headers=headers
        )
        async with request as response:
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"] == "text/event-stream"
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async def create(self, text: str, **headers: str) -> list[Event]:
        """Start a thread with a message."""
        return await self.events("threads.create", {"input": message(text)}, **headers)

    async def say(self, thread_id: str, text: str, **headers: str) -> list[Event]:
        """Send a message to a thread."""
        params = {"thread_id": thread_id, "input": message(text)}
        return await self.events("threads.add_user_message", params, **headers)

    async def act(
        self, thread_id: str, item_id: str | None, kind: str, payload: Mapping[str, Any]
    ) -> httpx2.Response:
        """Click a button."""
        action = {"type": kind, "payload": payload}
        params = {"thread_id": thread_id, "item_id": item_id, "action": action}
        return await self.post("threads.custom_action", params)

    async def items(self, thread_id: str) -> list[dict[str, Any]]:
        """Return the visible items of a thread."""
        response = await self.post("threads.get_by_id", {"thread_id": thread_id})
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]["data"]
        return items

    async def tasks(self) -> list[dict[str, Any]]:
        """Return the person's tasks."""
        response = await self.http.get("/api/tasks")
        assert response.status_code == 200, response.text
        tasks: list[dict[str, Any]] = response.json()["tasks"]
        return tasks


def message(text: str) -> dict[str, Any]:
    """A `UserMessageInput`."""
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }


def thread_of(events: list[Event]) -> str:
    """Return the id of the thread that the events created."""
    return next(str(e["thread"]["id"]) for e in events if e["type"] == "thread.created")


def text_of(events: list[Event]) -> str:
    """Return the assistant's text as it was streamed."""
    return "".join(
        e["update"]["delta"]
        for e in events
        if e["type"] == "thread.item.updated" and "delta" in e["update"]
    )


def done_items(events: list[Event], kind: str) -> list[dict[str, Any]]:
    """Return the items of one type that the events completed."""
    return [
        e["item"]
        for e in events
        if e["type"] in {"thread.item.done", "thread.item.replaced"} and e["item"]["type"] == kind
    ]


def actions_in(widget: Any) -> dict[str, dict[str, Any]]:
    """Return all actions in a widget, by the labels of their buttons."""
    found: dict[str, dict[str, Any]] = {}
    if isinstance(widget, dict):
        action = widget.get("onClickAction") or widget.get("action")
        if action and "label" in widget:
            found[widget["label"]] = action
        for value in widget.values():
            found |= actions_in(value)
    elif isinstance(widget, list):
        for value in widget:
            found |= actions_in(value)
    return found


@asynccontextmanager
async def chat_application(environment: Mapping[str, str]) -> AsyncIterator[str]:
    """Serve the local application at a loopback address."""
    async with serve(create_app(environment)) as url:
        yield url


async def until[T](condition: Any, *, seconds: float = 10.0) -> T:
    """Wait for the first truthy value of an async condition; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            if value := await condition():
                return value  # type: ignore[no-any-return]  # the condition's own type
            await asyncio.sleep(0.02)
