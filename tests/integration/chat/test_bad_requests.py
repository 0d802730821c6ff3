"""Bad input: a 4xx problem each that says what is wrong, and the server goes on."""

import json
from typing import Any

import jwt
import pytest

from tests.support.chat import SECRET, ChatClient, message
from tests.support.model_server import ModelServer, text

VALID = {"type": "threads.create", "params": {"input": message("Hi")}}


def with_input(**changes: Any) -> dict[str, Any]:
    return {"type": "threads.create", "params": {"input": {**message("Hi"), **changes}}}


BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "malformed JSON": (b'{"type": "threads.create", ', 400),
    "not an object": (b"[1, 2]", 400),
    "invalid UTF-8": (b'{"type": "threads.create\xff"}', 400),
    "a lone surrogate": (b'{"type": "threads.list", "params": {"after": "\\ud800"}}', 400),
    "no type": (b'{"params": {}}', 400),
    "an unknown type": (b'{"type": "threads.explode", "params": {}}', 400),
    "no parameters": (b'{"type": "threads.create"}', 400),
    "missing fields": (b'{"type": "threads.create", "params": {"input": {}}}', 400),
    "an empty message": (json.dumps(with_input(content=[])).encode(), 400),
    "a blank message": (
        json.dumps(with_input(content=[{"type": "input_text", "text": " \n "}])).encode(),
        400,
    ),
    "100,000 characters": (
        json.dumps(with_input(content=[{"type": "input_text", "text": "a" * 100_000}])).encode(),
        413,
    ),
    "an unknown attachment": (json.dumps(with_input(attachments=["atc_1"])).encode(), 404),
    "two megabytes": (b'{"type": "' + b"a" * 2_000_000 + b'"}', 413),
    "deep nesting": (b"[" * 100_000, 400),
    "an unknown order": (b'{"type": "threads.list", "params": {"order": "sideways"}}', 400),
    "an unknown cursor": (b'{"type": "threads.list", "params": {"after": "thr_none"}}', 400),
    "an unknown thread": (
        b'{"type": "threads.get_by_id", "params": {"thread_id": "thr_none"}}',
        404,
    ),
    "a thread id with NUL": (
        b'{"type": "threads.get_by_id", "params": {"thread_id": "a\\u0000b"}}',
        404,
    ),
    "an attachment of an unknown type": (
        b'{"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "b"}}',
        422,
    ),
    "dictation": (
        b'{"type": "input.transcribe", "params": {"audio_base64": "aGk=", "mime_type": "a"}}',
        400,
    ),
    "a client tool's output": (
        b'{"type": "threads.add_client_tool_output", "params": {"thread_id": "t", "result": 1}}',
        400,
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_wrong(name: str, alice: ChatClient, model: ModelServer) -> None:
    body, status = BODIES[name]

    response = await alice.http.post("/api/chatkit", content=body)

    assert_problem(response, status)
    assert model.requests == []
    await assert_goes_on(alice, model)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Timezone": "Mars/Olympus"},
        {"X-Timezone": "../../etc/passwd"},
        {"X-Timezone": "a" * 5_000},
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "k" * 256},
    ],
)
async def test_a_header_that_is_wrong(
    headers: dict[str, str], alice: ChatClient, model: ModelServer
) -> None:
    response = await alice.http.post("/api/chatkit", json=VALID, headers=headers)

    assert_problem(response, 400)
    await assert_goes_on(alice, model)


@pytest.mark.parametrize(
    "token",
    [
        "garbage",
        jwt.encode({"sub": "alice", "exp": 1}, SECRET, "HS256"),
        jwt.encode({"sub": "alice"}, SECRET, "HS256"),
        jwt.encode({"sub": "alice", "exp": 9_999_999_999}, "x" * 40, "HS256"),
        jwt.encode({"sub": "", "exp": 9_999_999_999}, SECRET, "HS256"),
        jwt.encode({"exp": 9_999_999_999}, SECRET, "HS256"),
        jwt.encode({"sub": "alice", "exp": 9_999_999_999}, "", "none"),
        jwt.encode({"sub": "alice", "exp": 9_999_999_999}, SECRET, "HS512"),
    ],
)
async def test_a_token_that_is_wrong(token: str, alice: ChatClient, model: ModelServer) -> None:
    headers = {"Authorization": f"Bearer {token}"}

    response = await alice.http.post("/api/chatkit", json=VALID, headers=headers)

    assert_problem(response, 401)
    await assert_goes_on(alice, model)


async def test_no_token(alice: ChatClient, model: ModelServer) -> None:
    del alice.http.headers["Authorization"]

    assert_problem(await alice.http.post("/api/chatkit", json=VALID), 401)


async def test_the_cookie_from_another_origin(alice: ChatClient, model: ModelServer) -> None:
    token = alice.http.headers.pop("Authorization").removeprefix("Bearer ")
    headers = {"Cookie": f"auth_token={token}", "Origin": "https://evil.example"}

    assert_problem(await alice.http.post("/api/chatkit", json=VALID, headers=headers), 403)
    model.script([text("Hi.")])
    headers["Origin"] = alice.url
    accepted = await alice.http.post("/api/chatkit", json=VALID, headers=headers)
    assert accepted.status_code == 200


@pytest.mark.parametrize(
    ("kind", "payload", "status"),
    [
        ("task.explode", {}, 400),
        ("task.complete", {}, 400),
        ("task.complete", {"task_id": 7}, 400),
        ("task.complete", {"task_id": "tsk_none"}, 404),
        ("task.complete", {"task_id": "a\0b"}, 404),
        ("change.undo", {"change_id": "chg_none"}, 404),
        ("bulk.confirm", {"confirmation_id": "cnf_none"}, 404),
    ],
)
async def test_an_action_that_is_wrong(
    kind: str, payload: dict[str, Any], status: int, alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Hi.")])
    await alice.create("Hi")
    (thread,) = (await alice.post("threads.list", {})).json()["data"]

    assert_problem(await alice.act(thread["id"], None, kind, payload), status)


async def test_only_answers_to_messages_can_be_retried(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Hi.")])
    events = await alice.create("Hi")
    thread_id = events[0]["thread"]["id"]
    answer = (await alice.items(thread_id))[-1]

    for item_id, status in ((answer["id"], 400), ("msg_none", 404), ("msg_\0", 404)):
        params = {"thread_id": thread_id, "item_id": item_id}
        assert_problem(await alice.post("threads.retry_after_item", params), status)

    assert (await alice.items(thread_id))[-1] == answer


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_method(method: str, alice: ChatClient) -> None:
    response = await alice.http.request(method, "/api/chatkit")

    assert_problem(response, 405)
    assert "POST" in response.headers["allow"]


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    problem = response.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert "Traceback" not in response.text


async def assert_goes_on(client: ChatClient, model: ModelServer) -> None:
    model.script([text("Still here.")])
    assert (await client.create("Hi"))[-1]["type"] != "error"
