"""The endpoint as HTTP: who may call, and what is no message."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

type Sign = Callable[[str], str]

METADATA = "/.well-known/oauth-protected-resource"
ACCEPT = {"Accept": "application/json, text/event-stream"}
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "create_task", "arguments": {"title": "Milk"}},
}


@pytest.fixture
def signed(sign: Sign) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign('alice')}", **ACCEPT}


def raw(signed: dict[str, str]) -> dict[str, str]:
    return signed | {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer not-a-token"},
        {"Authorization": "Basic YWxpY2U6YWxpY2U="},
    ],
)
async def test_without_a_valid_token_the_answer_leads_to_the_metadata(
    headers: dict[str, str], anonymous: httpx2.AsyncClient, mcp_url: str
) -> None:
    response = await anonymous.post("/mcp", json=CALL, headers=headers | ACCEPT)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == (
        f'Bearer resource_metadata="{mcp_url}{METADATA}"'
    )
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_pages_cookie_does_not_count(anonymous: httpx2.AsyncClient, sign: Sign) -> None:
    cookie = {"Cookie": f"auth_token={sign('alice')}"}
    response = await anonymous.post("/mcp", json=CALL, headers=cookie | ACCEPT)
    assert response.status_code == 401


@pytest.mark.parametrize("suffix", ["", "/mcp"])
async def test_the_metadata_name_the_resource_and_its_issuer(
    suffix: str, anonymous: httpx2.AsyncClient, mcp_url: str
) -> None:
    response = await anonymous.get(f"{METADATA}{suffix}")

    assert response.status_code == 200
    document = response.json()
    assert document["resource"] == f"{mcp_url}/mcp"
    assert document["authorization_servers"] == ["https://issuer.example/pool"]
    assert document["bearer_methods_supported"] == ["header"]


async def test_the_metadata_name_the_host_that_cloudfront_keeps(
    anonymous: httpx2.AsyncClient,
) -> None:
    async def resource(host: str) -> str:
        response = await anonymous.get(METADATA, headers={"X-Forwarded-Host": host})
        found: str = response.json()["resource"]
        return found

    assert await resource("tasks.example") == "http://tasks.example/mcp"
    assert await resource('a", x="') == "http://localhost/mcp"


async def test_the_answer_is_json_and_no_session_begins(
    anonymous: httpx2.AsyncClient, signed: dict[str, str]
) -> None:
    response = await anonymous.post("/mcp", json=CALL, headers=signed)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in response.headers
    assert response.headers["x-request-id"]
    assert response.json()["result"]["structuredContent"]["task"]["title"] == "Milk"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_only_post_is_taken(
    method: str, anonymous: httpx2.AsyncClient, signed: dict[str, str]
) -> None:
    response = await anonymous.request(method, "/mcp", headers=signed)
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", -32700),
        ("{", -32700),
        ("[" * 200_000, -32700),
        (json.dumps(CALL | {"params": {"name": json.loads("[" * 260 + "]" * 260)}}), -32700),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, -32700),
        (b"\xff\xfe", -32700),
        ("7", -32600),
        ("null", -32600),
        ('{"jsonrpc": "2.0"}', -32600),
        ('{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
        ('{"jsonrpc": "2.0", "id": 1, "result": {}}', -32600),
        ('{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32700),
        ('{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}', -32700),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"\\ud800": 1}}', -32700),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": NaN}}', -32700),
        ('{"jsonrpc": "2.0", "method": "no/such"}', -32602),
        (json.dumps([CALL, CALL]), -32600),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_what_is_no_message_is_a_json_rpc_error(
    body: Any, code: int, anonymous: httpx2.AsyncClient, signed: dict[str, str]
) -> None:
    response = await anonymous.post("/mcp", content=body, headers=raw(signed))

    assert response.status_code == 400
    assert response.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": 7}, -32602),
        ("tools/call", {"name": "create_task", "arguments": ["title"]}, -32602),
        ("tools/call", {"name": "nothing"}, -32602),
        ("resources/list", {}, -32601),
        ("no/such", {}, -32601),
        ("initialize", {}, -32602),
    ],
)
async def test_a_message_that_asks_for_what_is_not_there_is_a_json_rpc_error(
    method: str,
    params: dict[str, Any],
    code: int,
    anonymous: httpx2.AsyncClient,
    signed: dict[str, str],
) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = await anonymous.post("/mcp", content=json.dumps(message), headers=raw(signed))

    assert response.status_code == 200
    assert (response.json()["error"]["code"], response.json()["id"]) == (code, 1)


async def test_no_log_repeats_what_was_sent(
    anonymous: httpx2.AsyncClient, signed: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for params in (
        {"name": "secret"},
        {"name": ["secret"]},
        {"name": "create_task", "_meta": "secret"},
    ):
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        response = await anonymous.post("/mcp", json=message, headers=signed)
        assert response.json()["error"]["code"] == -32602
    assert "secret" not in caplog.text


async def test_a_body_over_the_limit_and_a_zone_that_does_not_exist_are_problems(
    anonymous: httpx2.AsyncClient, signed: dict[str, str]
) -> None:
    large = CALL | {"padding": "x" * 1_000_000}
    too_large = await anonymous.post("/mcp", json=large, headers=signed)
    nowhere = await anonymous.post("/mcp", json=CALL, headers=signed | {"X-Timezone": "No/Where"})

    assert (too_large.status_code, nowhere.status_code) == (413, 400)


async def test_a_notification_is_taken_without_an_answer(
    anonymous: httpx2.AsyncClient, signed: dict[str, str]
) -> None:
    message = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    response = await anonymous.post("/mcp", json=message, headers=signed)
    assert response.status_code == 202
    assert "result" not in response.text
