"""Valid and invalid MCP messages, above all calls of the seven tools, in any order."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.mcp.tools import TOOLS
from tests.fuzz.conftest import HANG_SECONDS, MANY, SECONDS
from tests.fuzz.people import Person
from tests.fuzz.report import Report, TimeIsUp
from tests.fuzz.values import JsonValue, json_values, mostly, mutated, reference, resolved, texts

pytestmark = pytest.mark.timeout(SECONDS + 300)

_HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}

_TIMES = st.sampled_from(
    ["2030-01-01T17:00:00", "2030-01-01T17:00:00+02:00", "0001-01-01T00:00:00", "9999-12-31", "5pm"]
)
_LIKELY: dict[str, st.SearchStrategy[JsonValue]] = {
    "task_id": reference("task"),
    "confirmation_id": reference("confirmation"),
    "priority": st.sampled_from(["low", "medium", "high", "urgent"]),
    "tags": st.lists(texts, max_size=4),
    "due_at": _TIMES,
    "due_before": _TIMES,
    "due_after": _TIMES,
    "completed": st.booleans(),
    "limit": st.integers(0, 101),
}


def _arguments(schema: dict[str, Any]) -> st.SearchStrategy[JsonValue]:
    """Arguments by the tool's own schema, each with a likely value most of the time."""
    values = {name: mostly(_LIKELY.get(name, texts), json_values) for name in schema["properties"]}
    required = {name: values.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=values)


_CALLS = st.one_of(
    [
        st.fixed_dictionaries(
            {"name": st.just(name), "arguments": _arguments(tool.definition.json_schema)}
        )
        for name, tool in TOOLS.items()
    ]
)
_OTHERS = st.fixed_dictionaries({}, optional={"name": texts, "cursor": texts, "_meta": json_values})
_MESSAGES = st.fixed_dictionaries(
    {
        "jsonrpc": st.just("2.0"),
        "id": st.integers(0, 99) | st.text("abc", max_size=3),
        "method": mostly(
            st.just("tools/call"),
            st.sampled_from(["initialize", "tools/list", "ping", "resources/list"]) | texts,
        ),
        "params": mostly(_CALLS, _OTHERS),
    }
)
_BODIES = mostly(_MESSAGES.map(json.dumps).map(str.encode), mutated(_MESSAGES))


def test_no_message_of_mcp_does_harm(
    sender: Person, other: Person, conclude: Callable[[Report], None]
) -> None:
    report = Report("MCP", HANG_SECONDS)

    @MANY
    @given(_BODIES)
    def send(body: bytes) -> None:
        report.require_time(SECONDS)
        content = resolved(body, (sender.ids, other.ids))
        _exchange(sender, report, content)
        if report.requests % 10 == 0:
            _require_good_call(sender, report, content)

    with contextlib.suppress(TimeIsUp):
        send()
    conclude(report)


def _exchange(sender: Person, report: Report, body: bytes) -> None:
    request = body.decode("utf-8", "replace")
    began_at = time.monotonic()
    try:
        response = sender.client.post("/mcp", content=body, headers=_HEADERS, timeout=HANG_SECONDS)
    except httpx2.HTTPError as error:
        report.fail(request, repr(error))
        return
    seconds = time.monotonic() - began_at
    report.add(request, response.status_code, seconds, f"{response.headers} {response.text}")
    if response.is_success and response.content:
        answer = response.json()
        sender.ids.learn(answer)
        if answer.get("error", {}).get("code") == -32603:
            report.fail(request, f"an internal error: {response.text}")


def _require_good_call(sender: Person, report: Report, after: bytes) -> None:
    """A task can be created. It also provides ids for the next requests."""
    params = {"name": "create_task", "arguments": {"title": "Call mom", "tags": ["family"]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    try:
        response = sender.client.post("/mcp", json=call, headers=_HEADERS)
        made = response.json()["result"]
        assert not made.get("isError"), made
    except (AssertionError, KeyError, ValueError, httpx2.HTTPError) as error:
        report.fail(after.decode("utf-8", "replace"), f"then a good call: {error!r}")
    else:
        sender.ids.learn(made)
