"""One account cannot take what everybody shares: answers, followers and writes are bounded."""

from collections.abc import AsyncIterator

import pytest

from functions.chatkit.actions.perform import MOST_HIDDEN_ITEMS
from tests.integration.chat.test_bulk_and_actions import make_tasks
from tests.support.answers import create, follow, reading, retry, rows
from tests.support.chat import (
    ChatClient,
    app_environment,
    chat_application,
    done_items,
    message,
    text_of,
    thread_of,
    until,
)
from tests.support.model_server import Call, ModelServer, hang, text, tool_calls


@pytest.fixture
async def url(database_url: str, model: ModelServer) -> AsyncIterator[str]:
    limits = {
        "RUNS_PER_PERSON": "2",
        "FOLLOWERS_PER_PERSON": "2",
        "CHANGES_PER_MINUTE": "4",
        "TASKS_PER_PERSON": "2",
    }
    async with chat_application(app_environment(database_url, model, **limits)) as address:
        yield address


async def test_followers_beyond_the_limit_are_refused_until_one_has_gone(
    alice: ChatClient, bob: ChatClient, model: ModelServer
) -> None:
    model.script(lambda _: hang())
    async with reading(alice, *create("One")) as answer, reading(bob, *create("Mine")) as other:
        await answer.until("thread.created")
        await other.until("thread.created")
        kind, params = follow(answer.thread_id)
        async with reading(alice, kind, params) as first:
            await first.until("thread.created")
            async with reading(alice, kind, params) as second:
                await second.until("thread.created")
                refused = await alice.post(kind, params)
                assert refused.status_code == 429
                assert refused.json()["type"] == "/problems/too-many-at-once"
                assert int(refused.headers["retry-after"]) > 0
                async with reading(bob, *follow(other.thread_id)) as undisturbed:
                    await undisturbed.until("thread.created")

            async def is_free() -> bool:
                request = {"type": kind, "params": params}
                response = await alice.http.send(
                    alice.http.build_request("POST", "/api/chatkit", json=request), stream=True
                )
                await response.aclose()
                return response.status_code == 200

            await until(is_free)
        for client, thread in ((alice, answer.thread_id), (bob, other.thread_id)):
            await client.http.delete(f"/api/threads/{thread}/run")


async def test_answers_beyond_the_limit_are_refused(alice: ChatClient, model: ModelServer) -> None:
    model.script(lambda _: hang())
    async with reading(alice, *create("One")) as one, reading(alice, *create("Two")) as two:
        await one.until("thread.created")
        await two.until("thread.created")
        refused = await alice.post("threads.create", {"input": message("Three")})
        assert refused.status_code == 429
        assert refused.json()["type"] == "/problems/too-many-at-once"
        for answer in (one, two):
            await alice.http.delete(f"/api/threads/{answer.thread_id}/run")


async def test_buttons_count_as_changes(alice: ChatClient, model: ModelServer) -> None:
    await make_tasks(alice, "Milk")
    (task,) = await alice.tasks()
    model.script([tool_calls(Call("list_tasks")), text("Here.")])
    events = await alice.create("What is there to do?")
    (card,) = done_items(events, "widget")
    clicks = []
    for n in range(5):
        kind = "task.reopen" if n % 2 else "task.complete"
        clicks.append(await alice.act(thread_of(events), card["id"], kind, {"task_id": task["id"]}))
    assert [click.status_code for click in clicks] == [200, 200, 200, 429, 429]
    assert clicks[-1].json()["type"] == "/problems/too-many-changes"


async def test_a_thread_keeps_no_more_notes_of_buttons_than_an_answer_could_read(
    alice: ChatClient, bob: ChatClient, model: ModelServer, database_url: str
) -> None:
    await make_tasks(alice, "Milk")
    (task,) = await alice.tasks()
    model.script(lambda _: text("Yes."))
    theirs, own = thread_of(await bob.create("One")), thread_of(await alice.create("One"))
    for thread_id in (theirs, own):
        await rows(database_url, _NOTES, thread_id=thread_id, count=MOST_HIDDEN_ITEMS + 50)
    shown = await alice.items(own)

    for kind in ("task.complete", "task.reopen"):
        clicked = await alice.act(own, None, kind, {"task_id": task["id"]})
        assert clicked.status_code == 200

    kept = await rows(database_url, _KEPT, thread_id=own)
    assert len(kept) == MOST_HIDDEN_ITEMS
    assert "reopened" in kept[-1]["content"]
    assert await alice.items(own) == shown
    assert len(await rows(database_url, _KEPT, thread_id=theirs)) == MOST_HIDDEN_ITEMS + 50


_NOTES = """
    with thread as (
        update threads set last_seq = last_seq + %(count)s
        where id = %(thread_id)s
        returning id, last_seq - %(count)s as seq
    )
    insert into thread_items (thread_id, id, seq, type, payload)
    select id, 'tc_' || n, seq + n, 'hidden_context_item', '{"content": "Old."}'
    from thread, generate_series(1, %(count)s) as n
"""
_KEPT = """
    select payload ->> 'content' as content from thread_items
    where thread_id = %(thread_id)s and type = 'hidden_context_item'
    order by seq
"""


async def test_only_the_newest_message_is_answered_anew(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script(lambda _: text("Yes."))
    thread_id = thread_of(await alice.create("One"))
    await alice.say(thread_id, "Two")
    before = await alice.items(thread_id)

    refused = await alice.post(*retry(thread_id, before[0]["id"]))

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/not-the-last-message"
    assert await alice.items(thread_id) == before
    assert (await alice.post(*retry(thread_id, before[2]["id"]))).status_code == 200


async def test_the_assistant_makes_no_more_tasks_than_a_person_may_have(
    alice: ChatClient, model: ModelServer
) -> None:
    calls = [Call("create_task", {"title": title}) for title in ("One", "Two", "Three")]
    model.script([tool_calls(*calls), text("That is all.")])

    events = await alice.create("Note three things")

    assert text_of(events) == "That is all."
    assert len(await alice.tasks()) == 2
    assert "You can have 2 tasks" in model.requests[-1].body.decode()
