"""The built functions do together, behind the emulator, what they do in the cloud."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from statistics import median
from typing import Any

import httpx2
import pytest

from local.emulator import Emulator
from local.emulator.project import project_functions, sign_local_token
from tests.support.builds import HOST, built, guarded, run_make
from tests.support.chat import ChatClient, message
from tests.support.files import WHITEBOARD, upload
from tests.support.mcp import SEVEN, call, connect, use_all_seven
from tests.support.model_server import ModelServer, text


@pytest.fixture
async def client(
    emulator: Emulator, environment: Mapping[str, str]
) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {
        "authorization": f"Bearer {sign_local_token(environment)}",
        "x-timezone": "Europe/Berlin",
    }
    async with httpx2.AsyncClient(base_url=emulator.url, headers=headers, timeout=60) as client:
        yield client


def create_thread(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    return {"type": "threads.create", "params": {"input": message}}


async def test_a_chat_streams_from_one_function_and_its_task_is_served_by_the_other(
    client: httpx2.AsyncClient,
) -> None:
    request = create_thread("Create a task to call mom tomorrow at 5pm")
    async with client.stream("POST", "/api/chatkit", json=request) as response:
        assert response.status_code == 200
        arrived = [
            (time.monotonic(), json.loads(line.removeprefix("data: ")))
            async for line in response.aiter_lines()
            if line.startswith("data: ")
        ]
    tasks = (await client.get("/api/tasks")).json()["tasks"]

    assert [task["title"] for task in tasks] == ["Call mom"]
    deltas = [
        at
        for at, event in arrived
        if event.get("update", {}).get("type") == "assistant_message.content_part.text_delta"
    ]
    assert len(deltas) > 3
    assert arrived[0][0] < deltas[0] < deltas[-1]
    print(f"the answer's text came over {(deltas[-1] - deltas[0]) * 1000:.0f} ms")


async def test_each_word_of_the_model_arrives_before_it_says_the_next(
    environment: Mapping[str, str],
) -> None:
    words = [f"{number} " for number in range(10)]
    async with ModelServer() as model:
        model.script([text("Ready."), text(*words, delay=0.1)])
        pointed = {**environment, "GEMINI_BASE_URL": model.base_url}
        functions = [guarded(function) for function in project_functions(built(HOST), pointed)]
        async with Emulator(functions) as emulator:
            alice = ChatClient(emulator.url, "alice")
            alice.http.headers["Authorization"] = f"Bearer {sign_local_token(pointed)}"
            async with alice.http:
                await alice.create("Are you warm?")
                arrived = [
                    time.monotonic()
                    async for event in alice.stream("threads.create", {"input": message("Count")})
                    if "delta" in event.get("update", {})
                ]

    sent = model.requests[-1].sent_at[: len(words)]
    assert len(arrived) == len(words)
    assert all(at < following for at, following in zip(arrived, sent[1:], strict=False))
    delays = [(at - of) * 1000 for of, at in zip(sent, arrived, strict=True)]
    print(f"delay from model to client: median {median(delays):.1f} ms, most {max(delays):.1f} ms")


async def test_a_picture_goes_to_the_model_and_is_seen_again(client: httpx2.AsyncClient) -> None:
    params = {"name": "a.png", "size": len(WHITEBOARD.content), "mime_type": "image/png"}
    create = {"type": "attachments.create", "params": params}
    created = (await client.post("/api/chatkit", json=create)).json()
    assert (await upload(created, WHITEBOARD.content)).status_code == 200
    request = create_thread("Create a task to wipe the whiteboard")
    request["params"]["input"]["attachments"] = [created["id"]]

    answer = await client.post("/api/chatkit", json=request)

    assert "“Wipe the whiteboard”" in answer.text
    assert [task["title"] for task in (await client.get("/api/tasks")).json()["tasks"]] == [
        "Wipe the whiteboard"
    ]
    threads = await client.post("/api/chatkit", json={"type": "threads.list", "params": {}})
    (thread,) = threads.json()["data"]
    get = {"type": "threads.get_by_id", "params": {"thread_id": thread["id"]}}
    items = (await client.post("/api/chatkit", json=get)).json()["items"]["data"]
    (attachment,) = items[0]["attachments"]
    async with httpx2.AsyncClient() as browser:
        assert (await browser.get(attachment["preview_url"])).content == WHITEBOARD.content


async def test_the_edge_sends_all_but_the_chat_to_the_api(client: httpx2.AsyncClient) -> None:
    health = await client.get("/healthz")
    unknown = await client.get("/nowhere")
    session = await client.get("/api/session")
    development = await client.post("/api/dev/token", json={"user": "mallory"})

    assert health.json() == {"status": "ok"}
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"
    assert session.json()["chatkit"]["url"] == "/api/chatkit"
    assert development.status_code == 404


async def test_two_people_use_all_seven_tools_by_mcp_and_the_page_shows_it(
    emulator: Emulator, environment: Mapping[str, str], client: httpx2.AsyncClient
) -> None:
    tokens = [sign_local_token(environment, user) or "" for user in ("alice", "bob")]
    async with connect(emulator.url, tokens[0]) as alice, connect(emulator.url, tokens[1]) as bob:
        names = {tool.name for tool in (await alice.list_tools()).tools}
        await use_all_seven(alice, "Alice's", other=bob)
        await use_all_seven(bob, "Bob's", other=alice)
        await call(alice, "create_task", title="Milk")
        listed = (await client.get("/api/tasks")).json()
        asked = await call(alice, "delete_all_tasks")
        confirmation = {"confirmation_id": asked["confirmation_id"]}
        gone = await call(alice, "delete_all_tasks", **confirmation)
        undone = await client.post(f"/api/changes/{gone['change_id']}/undo")

    assert names == SEVEN
    assert [task["title"] for task in listed["tasks"]] == ["Milk"]
    assert undone.json()["tasks"] == listed["tasks"]


async def test_a_call_without_a_token_leads_to_the_metadata(emulator: Emulator) -> None:
    async with httpx2.AsyncClient(base_url=emulator.url, timeout=60) as client:
        refused = await client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        address = refused.headers["www-authenticate"].partition('"')[2].rstrip('"')
        document = await client.get(address)

    assert refused.status_code == 401
    assert document.json()["resource"] == f"{emulator.url}/mcp"


async def test_they_pass_the_check_from_outside(
    emulator: Emulator, environment: Mapping[str, str]
) -> None:
    token = sign_local_token(environment)

    said = await asyncio.to_thread(run_make, "smoke", f"URL={emulator.url}", f"TOKEN={token}")

    assert said.count("✓") == 14, said


async def test_both_functions_refuse_a_request_without_a_token(emulator: Emulator) -> None:
    async with httpx2.AsyncClient(base_url=emulator.url, timeout=60) as client:
        chat = await client.post("/api/chatkit", json=create_thread("Hello"))
        api = await client.get("/api/tasks")

    assert (chat.status_code, api.status_code) == (401, 401)
