"""The events in `events/` are real: the built functions take each of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from chatkit.types import ChatKitReq
from pydantic import TypeAdapter

from local.emulator import Emulator
from local.emulator.invocation import Invocation
from local.emulator.invoke import FUNCTIONS, authorise
from tests.support.builds import ROOT

EVENTS = sorted(ROOT.glob("events/*.json"))
BY_FUNCTION = {
    prefix: [path for path in EVENTS if path.stem.partition("-")[0] == prefix]
    for prefix in FUNCTIONS
}
# What the events name does not exist in a fresh database.
STATUSES = {
    "chatkit-add-message": 404,
    "chatkit-custom-action": 404,
    "chatkit-delete-thread": 404,
    "chatkit-feedback": 404,
    "chatkit-follow-run": 404,
    "chatkit-get-thread": 404,
    "chatkit-list-items": 404,
    "chatkit-rename-thread": 404,
    "chatkit-retry": 404,
    "api-create-task": 201,
    "api-delete-task": 404,
    "api-get-task": 404,
    "api-sign-out": 204,
    "api-stop-run": 404,
    "api-undo": 404,
    "api-update-task": 404,
}


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_every_event_is_for_a_function() -> None:
    assert [path for paths in BY_FUNCTION.values() for path in paths] != []
    assert sum(len(paths) for paths in BY_FUNCTION.values()) == len(EVENTS)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_no_event_replays_an_earlier_answer(path: Path) -> None:
    """With a fixed key, the answer of a failed try would come again."""
    assert "idempotency-key" not in {name.lower() for name in read(path).get("headers", {})}


def test_no_event_names_a_host_where_something_listens() -> None:
    """Whoever invokes a function by an example must not write to somebody's bucket."""
    urls = [event["ResponseURL"] for event in map(read, EVENTS) if "ResponseURL" in event]

    assert [(urlsplit(url).hostname or "").endswith(".invalid") for url in urls] == [True]


def test_the_tokens_are_signed_by_the_example_key() -> None:
    key = read(ROOT / "events/local/environment.json")["Parameters"]["JWT_SECRET"]
    tokens = {
        event["headers"]["authorization"].removeprefix("Bearer ")
        for event in map(read, EVENTS)
        if "authorization" in event.get("headers", {})
    }

    assert len(tokens) == 1
    assert jwt.decode(tokens.pop(), key, algorithms=["HS256"])["sub"] == "alice"


def test_the_example_settings_accept_the_pages_of_the_events() -> None:
    """Otherwise `sam local invoke` answers 403 to what comes with the cookie."""
    accepted = read(ROOT / "events/local/environment.json")["Parameters"]["ALLOWED_ORIGINS"]
    origins = {
        event["headers"]["origin"]
        for event in map(read, EVENTS)
        if "origin" in event.get("headers", {})
    }

    assert origins == {accepted}


def test_there_is_a_chat_event_for_each_kind_of_request_that_the_page_makes() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(ChatKitReq)
    kinds = {adapter.validate_json(read(path)["body"]).type for path in BY_FUNCTION["chatkit"]}

    assert kinds == {
        "threads.create",
        "threads.add_user_message",
        "threads.get_by_id",
        "threads.list",
        "threads.update",
        "threads.delete",
        "threads.retry_after_item",
        "threads.custom_action",
        "items.list",
        "items.feedback",
        "attachments.create",
    }


@pytest.mark.parametrize("prefix", ["chatkit", "api", "mcp"])
async def test_the_functions_answer_the_events_of_front_doors(
    prefix: str, emulator: Emulator, environment: Mapping[str, str]
) -> None:
    statuses = {}
    function = emulator.function(FUNCTIONS[prefix])
    for path in BY_FUNCTION[prefix]:
        event = authorise(path.read_text(), environment)
        invocation = Invocation(event.encode(), streaming=function.spec.streaming)
        await function.begin(invocation)
        statuses[path.stem] = (await invocation.answer.head()).status
        async for _ in invocation.answer.chunks():
            pass

    assert statuses == {path.stem: STATUSES.get(path.stem, 200) for path in BY_FUNCTION[prefix]}


async def test_the_metadata_name_the_address_that_api_gateway_has(emulator: Emulator) -> None:
    event = read(ROOT / "events/mcp-rest-protected-resource.json")
    invocation = Invocation(json.dumps(event).encode())
    await emulator.function(FUNCTIONS["mcp"]).begin(invocation)
    document = json.loads(b"".join([chunk async for chunk in invocation.answer.chunks()]))

    # Its addresses begin with the stage, which is not in the path that the function gets.
    assert document["resource"] == f"https://{event['headers']['Host']}/live/mcp"


async def result_of(name: str, emulator: Emulator) -> Any:
    function = emulator.function(FUNCTIONS[name.partition("-")[0]])
    invocation = Invocation((ROOT / f"events/{name}.json").read_bytes(), http=False)
    await function.begin(invocation)
    return json.loads(b"".join([chunk async for chunk in invocation.answer.chunks()]))


@pytest.mark.parametrize("name", ["migrate", "migrate-pre"])
async def test_the_migration_can_be_invoked_by_hand(name: str, emulator: Emulator) -> None:
    assert await result_of(name, emulator) == {"applied": []}


async def test_the_upkeep_finds_nothing_to_do_in_a_fresh_database(emulator: Emulator) -> None:
    counts = await result_of("maintenance", emulator)

    assert counts
    assert set(counts.values()) == {0}
