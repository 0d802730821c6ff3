"""One run per thread; a message that comes meanwhile is refused, and nothing is lost."""

import asyncio

from tests.support.answers import create, reading, runs_of, say
from tests.support.chat import ChatClient, text_of, thread_of
from tests.support.model_server import ModelServer, text


async def test_a_message_to_a_thread_that_is_being_answered_is_refused(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script([text("One", " two", delay=0.4), text("Later.")])
    async with reading(alice, *create("First")) as first:
        await first.until("One")
        refused = await alice_elsewhere.post(*say(first.thread_id, "Second"))
        assert refused.status_code == 409
        assert refused.headers["retry-after"]
        assert refused.json()["type"] == "/problems/still-answering"
        assert text_of(await first.to_the_end()) == "One two"

    assert text_of(await alice_elsewhere.say(first.thread_id, "Second")) == "Later."
    kinds = [item["type"] for item in await alice.items(first.thread_id)]
    assert kinds == ["user_message", "assistant_message"] * 2


async def test_other_threads_are_answered_meanwhile(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("One", " two", delay=0.4), text("Quick.")])
    async with reading(alice, *create("First")) as first:
        await first.until("One")
        assert text_of(await alice.create("Second")) == "Quick."
        assert not first.ended.is_set()
        await first.to_the_end()


async def test_of_many_messages_at_once_one_is_answered(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Hello"))
    model.script(lambda _: text("One", " two", delay=0.3))

    answers = await asyncio.gather(
        *(client.post(*say(thread_id, "Go")) for client in [alice, alice_elsewhere] * 10)
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [409] * 19
    assert len(await runs_of(database_url, thread_id)) == 2


async def test_a_refused_message_does_not_count(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("One", " two", delay=0.3)])
    async with reading(alice, *create("First")) as first:
        await first.until("One")
        await alice.post(*say(first.thread_id, "Second"))
        session = (await alice.http.get("/api/session")).json()
        assert session["limits"]["remaining"] == session["limits"]["per_minute"] - 1
        await first.to_the_end()
