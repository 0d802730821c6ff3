"""Time runs out: for a tool, for the answer, for the platform. A message each, nothing lost."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from local.app import create_app
from tests.support.answers import create, runs_of
from tests.support.chat import ChatClient, chat_application, done_items, text_of, thread_of, until
from tests.support.http_server import serve
from tests.support.model_server import Call, ModelServer, chunk, event, raw, text, tool_calls


async def test_an_answer_that_takes_too_long_is_ended_with_a_message(
    environment: dict[str, str], model: ModelServer, database_url: str
) -> None:
    model.script([raw(event(chunk({"content": "The beginning"})), 60.0)])
    async with chat_application(environment | {"RUN_TIMEOUT_SECONDS": "1"}) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            events = await client.create("Think")
            kept = (await client.items(thread_of(events)))[1]

    assert events[-1]["type"] == "error"
    assert "too long" in events[-1]["message"]
    assert kept["content"][0]["text"] == "The beginning"
    (shown,) = done_items(events, "assistant_message")
    assert shown["id"] == kept["id"]
    (run,) = await runs_of(database_url, thread_of(events))
    assert run["status"] == "failed"
    assert run["error"] == events[-1]["message"]


async def test_a_tool_that_takes_too_long_is_given_up_and_the_answer_goes_on(
    environment: dict[str, str], model: ModelServer, database_url: str
) -> None:
    model.script(
        [tool_calls(Call("create_task", {"title": "Milk"})), text("That did not work.")]
        + [tool_calls(Call("create_task", {"title": "Bread"})), text("That did.")] * 12
    )
    async with chat_application(environment | {"TOOL_TIMEOUT_SECONDS": "0.5"}) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            async with await psycopg.AsyncConnection.connect(database_url) as other:
                await other.execute("lock table tasks in exclusive mode")
                events = await client.create("Milk")
                await other.rollback()
            assert text_of(events) == "That did not work."
            assert await client.tasks() == []
            # More often than the pool has connections: none was spoilt.
            for _ in range(12):
                assert text_of(await client.say(thread_of(events), "Bread")) == "That did."
            assert len(await client.tasks()) == 12

    (output,) = [m for m in model.requests[1].json["messages"] if m["role"] == "tool"]
    assert "create_task took longer than 0.5 s" in output["content"]


@dataclass
class _LambdaLike:
    """Gives each request what the streaming runtime gives it."""

    app: ASGIApp
    seconds: float
    waited_for: list[Any] = field(default_factory=list)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = {"aws.context": self, "aws.wait_until": self.waited_for.append}
        await self.app({**scope, **more} if scope["type"] == "http" else scope, receive, send)


async def test_the_answer_ends_well_before_the_platform_does(
    environment: dict[str, str], model: ModelServer, database_url: str
) -> None:
    model.script([raw(event(chunk({"content": "The beginning"})), 60.0)])
    platform = _LambdaLike(create_app(environment), seconds=7.0)
    async with serve(platform) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            began = time.monotonic()
            events = await client.create("Think")
            took = time.monotonic() - began

    assert took < platform.seconds - 2
    assert events[-1]["type"] == "error"
    assert len(platform.waited_for) == 1
    assert platform.waited_for[0].done()
    (run,) = await runs_of(database_url, thread_of(events))
    assert run["status"] == "failed"


async def test_with_too_little_time_left_nothing_is_begun(
    environment: dict[str, str], model: ModelServer
) -> None:
    platform = _LambdaLike(create_app(environment), seconds=5.0)
    async with serve(platform) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            refused = await client.post(*create("Think"))
            assert (await client.post("threads.list", {})).json()["data"] == []
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert model.requests == []


@pytest.mark.parametrize("thinking", [False, True])
async def test_a_process_that_is_told_to_end_ends_its_answers_with_a_message(
    thinking: bool, environment: dict[str, str], model: ModelServer, database_url: str
) -> None:
    words = event(chunk({"content": "The beginning"}))
    model.script([raw(60.0) if thinking else raw(words, 60.0)])
    reading: asyncio.Task[Any] | None = None
    async with chat_application(environment) as url:
        client = ChatClient(url, "alice")
        reading = asyncio.create_task(client.create("Think"))

        async def asked() -> bool:
            return bool(model.requests)

        await until(asked)
        await asyncio.sleep(0.1)
    await asyncio.gather(reading, return_exceptions=True)
    await client.http.aclose()

    async with chat_application(environment) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            (thread,) = (await client.post("threads.list", {})).json()["data"]
            (run,) = await runs_of(database_url, thread["id"])
            items = await client.items(thread["id"])
            model.script([text("Here I am.")])
            assert text_of(await client.say(thread["id"], "Are you there?")) == "Here I am."
    assert run["status"] == "failed"
    assert "restarting" in run["error"]
    assert [item["type"] for item in items] == [
        "user_message",
        *([] if thinking else ["assistant_message"]),
    ]
    assert thinking or "The beginning" in json.dumps(items)
