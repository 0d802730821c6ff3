"""How many messages a person may send: counted for messages only, and refused whole."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.support.chat import ChatClient, app_environment, chat_application, message, thread_of
from tests.support.model_server import ModelServer, text


@pytest.fixture
async def url(database_url: str, model: ModelServer) -> AsyncIterator[str]:
    limits = {"MESSAGES_PER_MINUTE": "100", "MESSAGES_PER_DAY": "2"}
    async with chat_application(app_environment(database_url, model, **limits)) as address:
        yield address


async def test_a_message_over_the_limit_is_refused_and_changes_nothing(
    alice: ChatClient, bob: ChatClient, model: ModelServer
) -> None:
    model.script(lambda _: text("Yes."))
    thread_id = thread_of(await alice.create("One"))
    await alice.say(thread_id, "Two")
    before = await alice.items(thread_id)

    params = {"thread_id": thread_id, "input": message("Three")}
    refused = await alice.post("threads.add_user_message", params)
    new = await alice.post("threads.create", {"input": message("Three")})

    for response in (refused, new):
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) > 0
        assert datetime.fromisoformat(response.json()["resets_at"]) > datetime.now(UTC)
    assert await alice.items(thread_id) == before
    assert len((await alice.post("threads.list", {})).json()["data"]) == 1
    assert (await alice.http.get("/api/session")).json()["limits"]["remaining"] == 0
    assert (await bob.create("Mine is not used up"))[-1]["type"] != "error"


async def test_nothing_but_messages_counts(alice: ChatClient, model: ModelServer) -> None:
    model.script(lambda _: text("Yes."))
    thread_id = thread_of(await alice.create("One"))
    for _ in range(5):
        await alice.items(thread_id)
        await alice.post("threads.update", {"thread_id": thread_id, "title": "Renamed"})
        await alice.act(thread_id, None, "run.follow", {})

    assert (await alice.http.get("/api/session")).json()["limits"]["remaining"] == 1
    assert (await alice.say(thread_id, "Two"))[-1]["type"] != "error"
