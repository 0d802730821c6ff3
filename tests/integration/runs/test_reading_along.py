"""A client goes away, reloads, comes in from another tab; a thread is deleted meanwhile."""

from tests.support.answers import create, follow, reading, rows, runs_of
from tests.support.chat import ChatClient, text_of, thread_of, until
from tests.support.model_server import Call, ModelServer, text, tool_calls


async def test_an_answer_that_nobody_reads_is_finished_and_kept(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script(
        [
            tool_calls(Call("create_task", {"title": "Milk"}), delay=0.2),
            text("One", " two", " three", delay=0.2),
        ]
    )
    async with reading(alice, *create("Count")) as answer:
        await answer.until("stream_options")

    async def ended() -> bool:
        return bool((await runs_of(database_url, answer.thread_id))[0]["ended_at"])

    await until(ended)
    kinds = [item["type"] for item in await alice.items(answer.thread_id)]
    assert kinds == ["user_message", "workflow", "widget", "assistant_message"]
    assert (await alice.items(answer.thread_id))[-1]["content"][0]["text"] == "One two three"
    assert [task["title"] for task in await alice.tasks()] == ["Milk"]


async def test_a_reload_shows_what_was_written_so_far(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script([text("The beginning", *["."] * 8, " The end", delay=0.4)])
    async with reading(alice, *create("Tell me")) as answer:
        await answer.until("The beginning")

        async def shown() -> bool:
            items = await alice_elsewhere.items(answer.thread_id)
            return bool(items[-1]["type"] == "assistant_message")

        await until(shown, seconds=2)
        (_, part) = await alice_elsewhere.items(answer.thread_id)
        assert "The end" not in part["content"][0]["text"]
        await answer.to_the_end()
    (_, whole) = await alice_elsewhere.items(answer.thread_id)
    assert whole["id"] == part["id"]
    assert whole["content"][0]["text"].endswith("The end")


async def test_followers_see_all_of_it_in_any_process(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script(
        [
            tool_calls(Call("create_task", {"title": "Milk"}), before="Let me see."),
            text(*[f" {n}" for n in range(20)], delay=0.05),
        ]
    )
    async with reading(alice, *create("Count")) as first:
        await first.until("Milk")
        async with (
            reading(alice, *follow(first.thread_id)) as here,
            reading(alice_elsewhere, *follow(first.thread_id)) as there,
        ):
            events = await first.to_the_end()
            assert await here.to_the_end() == events
            assert await there.to_the_end() == events
    assert len(model.requests) == 2
    assert text_of(events).endswith("19")


async def test_where_nothing_runs_there_is_nothing_to_follow(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Hello.")])
    assert await alice.events(*follow(thread_of(await alice.create("Hello")))) == []
    assert (await alice.post(*follow("thr_none"))).status_code == 404
    assert (await alice.post(*follow("thr_\0"))).status_code == 404


async def test_an_answer_whose_thread_is_deleted_ends_and_brings_nothing_back(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("One", *[" more"] * 200, delay=0.05)])
    async with reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        async with reading(alice_elsewhere, *follow(answer.thread_id)) as follower:
            await follower.until(" more")
            deleted = await alice_elsewhere.post("threads.delete", {"thread_id": answer.thread_id})
            assert deleted.status_code == 200
            assert (await answer.to_the_end())[-1]["type"] == "error"
            assert (await follower.to_the_end())[-1]["type"] == "error"

    await model.requests[0].client_gone.wait()
    assert (await alice.post("threads.list", {})).json()["data"] == []
    for table in ("threads", "thread_items", "runs", "run_events"):
        assert await rows(database_url, f"select from {table}") == []


async def test_a_thread_renamed_while_it_is_answered_keeps_its_name(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Hello"))
    model.script([text("One", " two", " three", delay=0.2)])
    async with reading(alice, "threads.add_user_message", _say(thread_id)) as answer:
        await answer.until("One")
        await alice.post("threads.update", {"thread_id": thread_id, "title": "Mine"})
        await answer.to_the_end()
    (thread,) = (await alice.post("threads.list", {})).json()["data"]
    assert thread["title"] == "Mine"


def _say(thread_id: str) -> dict[str, object]:
    content = [{"type": "input_text", "text": "Count"}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    return {"thread_id": thread_id, "input": message}
