"""What the functions write: ids on every line, and nothing that is secret, even at DEBUG."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2
import pytest

from local.emulator import Emulator, FunctionSpec
from local.emulator.project import sign_local_token
from tests.support.chat import message

API_KEY = "the-key-of-the-model-5f2b"
WORDS = "Create a task to buy a ring for Eve"
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key"


@pytest.fixture
def secrets_manager() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps({"ARN": ARN, "Name": "key", "SecretString": API_KEY}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
async def client(
    functions: dict[str, FunctionSpec],
    environment: Mapping[str, str],
    lines: list[str],
    secrets_manager: str,
) -> AsyncIterator[httpx2.AsyncClient]:
    more = {
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
        "AWS_ENDPOINT_URL": secrets_manager,
        "AWS_ACCESS_KEY_ID": "an-access-key",
        "AWS_SECRET_ACCESS_KEY": "its-secret",
        "GEMINI_API_KEY": "",
        "GEMINI_API_KEY_SECRET_ARN": ARN,
    }
    served = [
        replace(functions[name], environment={**functions[name].environment, **more})
        for name in ("ChatKitFunction", "ApiFunction")
    ]
    headers = {"Authorization": f"Bearer {sign_local_token(environment)}"}
    async with (
        Emulator(served, log=lines.append) as emulator,
        httpx2.AsyncClient(base_url=emulator.url, headers=headers, timeout=60) as client,
    ):
        yield client


async def test_every_line_has_its_ids_and_none_has_a_secret_at_debug(
    client: httpx2.AsyncClient, lines: list[str]
) -> None:
    body = {"type": "threads.create", "params": {"input": message(WORDS)}}
    answer = await client.post("/api/chatkit", json=body, headers={"X-Request-Id": "smoke-1"})
    tasks = await client.get("/api/tasks", headers={"X-Request-Id": "smoke-2"})
    assert answer.status_code == tasks.status_code == 200
    assert "Buy a ring" in tasks.text

    written = "\n".join(lines)
    token = client.headers["Authorization"].removeprefix("Bearer ")
    for secret in (API_KEY, token, "its-secret", WORDS, "ring for Eve", "Buy a ring"):
        assert secret not in written
    logged = [
        json.loads(text)
        for line in lines
        if (text := line.partition(" | ")[2]).startswith("{") and '"_aws"' not in text
    ]
    tool = next(one for one in logged if one["message"] == "create_task done")
    run = next(one for one in logged if one["message"] == "the answer is completed")
    assert tool["request_id"] == run["request_id"] == "smoke-1"
    assert tool["run_id"] == run["run_id"]
    assert run["run_id"].startswith("run_")
    assert tool["thread_id"] == run["thread_id"]
    assert tool["tool_call_id"]
    assert "tool_call_id" not in run


async def test_lines_end_where_lambda_does_not_write_json_itself(
    functions: dict[str, FunctionSpec], environment: Mapping[str, str], lines: list[str]
) -> None:
    """As under `sam local`. Each failure is a line of its own, and an object."""
    api = functions["ApiFunction"]
    away = {"DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}
    headers = {"Authorization": f"Bearer {sign_local_token(environment)}"}
    async with (
        Emulator(
            [replace(api, environment={**api.environment, **away})], log=lines.append
        ) as served,
        httpx2.AsyncClient(base_url=served.url, headers=headers, timeout=60) as client,
    ):
        for number in range(2):
            answer = await client.get("/api/tasks", headers={"X-Request-Id": f"request-{number}"})
            assert answer.status_code == 503

    failures = [text for line in lines if '"request-' in (text := line.partition(" | ")[2])]
    ids = [json.loads(text)["request_id"] for text in failures]
    assert ids == ["request-0", "request-1"]
