"""Long threads and many threads open in few requests, however much of them is hidden."""

import math
from typing import Any

from tests.support.answers import rows
from tests.support.chat import ChatClient, thread_of
from tests.support.model_server import ModelServer, text

INSERT = """
with thread as (
    update threads set last_seq = last_seq + %(count)s where id = %(thread_id)s
    returning id, last_seq - %(count)s as seq
)
insert into thread_items (thread_id, id, seq, type, payload)
select thread.id, %(prefix)s || number, thread.seq + number, %(type)s, %(payload)s::jsonb
from thread, generate_series(1, %(count)s) number
"""
MESSAGE = '{"content": [{"type": "output_text", "text": "Hello", "annotations": []}]}'
NOTE = '{"content": "A note to the model"}'


async def open_as_the_element_does(
    client: ChatClient, thread_id: str
) -> tuple[list[dict[str, Any]], int]:
    """The thread's items, and how many requests it took.

    OpenAI's element pages on from the id of the last item that it has, whatever `after` says.
    """
    thread = (await client.post("threads.get_by_id", {"thread_id": thread_id})).json()
    items: list[dict[str, Any]] = thread["items"]["data"]
    has_more, requests = thread["items"]["has_more"], 1
    while has_more:
        where = {"thread_id": thread_id, "limit": 9999, "order": "asc", "after": items[-1]["id"]}
        page = (await client.post("items.list", where)).json()
        items += page["data"]
        has_more, requests = page["has_more"], requests + 1
        assert requests < 100
    return items, requests


async def new_thread(client: ChatClient, model: ModelServer) -> str:
    model.script([text("Hello.")])
    return thread_of(await client.create("Hi"))


async def add(url: str, thread_id: str, kind: str, payload: str, count: int, prefix: str) -> None:
    parameters = {"type": kind, "payload": payload, "count": count, "prefix": prefix}
    await rows(url, INSERT, thread_id=thread_id, **parameters)


async def test_130_hidden_items_in_a_row_open_with_ordinary_paging(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    thread_id = await new_thread(alice, model)
    for kind in ("hidden_context_item", "sdk_hidden_context"):
        await add(database_url, thread_id, kind, NOTE, 65, kind)
    await add(database_url, thread_id, "assistant_message", MESSAGE, 3, "msg_")

    items, requests = await open_as_the_element_does(alice, thread_id)

    assert [item["type"] for item in items] == ["user_message", *["assistant_message"] * 4]
    assert requests == 1
    where = {"thread_id": thread_id, "limit": 2, "order": "desc", "after": "msg_2"}
    page = (await alice.post("items.list", where)).json()
    assert [item["id"] for item in page["data"]] == ["msg_1", items[1]["id"]]


async def test_the_model_still_sees_what_is_hidden(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    thread_id = await new_thread(alice, model)
    await add(database_url, thread_id, "sdk_hidden_context", NOTE, 1, "shcx_")
    model.script([text("Yes.")])

    await alice.say(thread_id, "Do you know?")

    assert "A note to the model" in str(model.requests[-1].json["messages"])


async def test_2000_items_open_with_a_request_for_every_hundred(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    thread_id = await new_thread(alice, model)
    for part in range(10):
        await add(database_url, thread_id, "assistant_message", MESSAGE, 200, f"msg_{part}_")
        await add(database_url, thread_id, "hidden_context_item", NOTE, 150, f"tc_{part}_")

    items, requests = await open_as_the_element_does(alice, thread_id)

    assert len({item["id"] for item in items}) == len(items) == 2002
    assert requests == math.ceil(len(items) / 1_000)


async def test_300_threads_are_listed_by_the_one_request_that_the_element_makes(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    await new_thread(alice, model)
    insert = "insert into threads (id, user_id) select 'thr_' || n, 'alice' from generate_series"
    await rows(database_url, f"{insert}(1, 299) n")

    page = (await alice.post("threads.list", {"limit": 9999, "order": "desc"})).json()

    assert len({thread["id"] for thread in page["data"]}) == 300
    assert page["has_more"] is False
    assert len((await alice.post("threads.list", {})).json()["data"]) == 20
