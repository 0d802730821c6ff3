"""The chat function where nothing honours AWS_LAMBDA_EXEC_WRAPPER: whole, but answered."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx2
import pytest

from local.emulator import Emulator, FunctionSpec
from local.emulator.project import sign_local_token
from tests.support.chat import message


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
async def client(
    functions: dict[str, FunctionSpec], environment: Mapping[str, str], lines: list[str]
) -> AsyncIterator[httpx2.AsyncClient]:
    chat = functions["ChatKitFunction"]
    variables = {k: v for k, v in chat.environment.items() if k != "AWS_LAMBDA_EXEC_WRAPPER"}
    plain = [replace(chat, environment=variables), functions["ApiFunction"]]
    headers = {"Authorization": f"Bearer {sign_local_token(environment)}"}
    async with (
        Emulator(plain, log=lines.append) as emulator,
        httpx2.AsyncClient(base_url=emulator.url, headers=headers, timeout=60) as client,
    ):
        yield client


async def say(client: httpx2.AsyncClient, text: str) -> httpx2.Response:
    body = {"type": "threads.create", "params": {"input": message(text)}}
    return await client.post("/api/chatkit", json=body)


async def test_every_message_is_answered_in_full_and_the_operator_is_warned(
    client: httpx2.AsyncClient, lines: list[str]
) -> None:
    first = await say(client, "Create a task to call mom")
    # In the same environment, whose connections and event loop go on.
    second = await say(client, "Create a task to water the plants")
    tasks = (await client.get("/api/tasks")).json()["tasks"]

    for answer in (first, second):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert "assistant_message.content_part.text_delta" in answer.text
    assert {task["title"] for task in tasks} == {"Call mom", "Water the plants"}
    warnings = [line for line in lines if "AWS_LAMBDA_EXEC_WRAPPER" in line]
    assert len(warnings) == 1


async def test_a_refusal_keeps_its_status(client: httpx2.AsyncClient) -> None:
    refused = await client.post("/api/chatkit", headers={"Authorization": ""}, json={})

    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
