"""The database goes away under an answer, for longer than it is worth waiting for."""

import asyncio
from collections.abc import Iterator

import pytest

from local.postgres import EmbeddedPostgres
from tests.support.answers import reading, retry, runs_of, say
from tests.support.chat import (
    ChatClient,
    app_environment,
    chat_application,
    text_of,
    thread_of,
    until,
)
from tests.support.model_server import Call, ModelServer, text, tool_calls
from tests.support.postgres import apply_migrations, temporary_server


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, which it may stop."""
    with temporary_server() as server:
        apply_migrations(server.url)
        yield server


async def test_a_tool_whose_outcome_is_not_known_ends_the_answer(
    postgres: EmbeddedPostgres, model: ModelServer
) -> None:
    environment = app_environment(postgres.url, model, TOOL_TIMEOUT_SECONDS="12")
    calls = tool_calls(Call("create_task", {"title": "Milk"}), delay=1.0)
    model.script([text("Hello."), calls, text("It failed, so I call again.")])

    async def the_model_is_asked() -> bool:
        return len(model.requests) == 2

    async with chat_application(environment) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            thread_id = thread_of(await client.create("Hello"))
            async with reading(client, *say(thread_id, "Add milk")) as answer:
                await answer.until("stream_options")
                await until(the_model_is_asked)
                await asyncio.to_thread(postgres.stop)
                await answer.until("The database cannot be reached", seconds=20)
                assert len(model.requests) == 2
                await asyncio.to_thread(postgres.start)
                events = await answer.to_the_end()
            assert (events[-1]["type"], events[-1]["allow_retry"]) == ("error", True)
            assert events[-1]["message"] == "The database cannot be reached right now."

            (_, run) = await runs_of(postgres.url, thread_id)
            assert run["status"] == "failed"
            model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
            message = (await client.items(thread_id))[2]
            assert text_of(await client.events(*retry(thread_id, message["id"]))) == "Added."
            assert [task["title"] for task in await client.tasks()] == ["Milk"]
