"""A person's data: all of it to take away, and none of it left after the erasure."""

import asyncio
import hashlib
import json
from typing import Any

from psycopg import sql

from tests.support.answers import create, reading, rows
from tests.support.chat import ChatClient, actions_in, done_items, thread_of, until
from tests.support.model_server import Call, ModelServer, text, tool_calls
from tests.support.problems import assert_problem

NOBODYS = {
    "schema_migrations": "the schema's own",
    "token_totals": "a sum over all people",
    "erasures": "a hash, kept for a day",
    "deleted_files": "keys of files that are about to be deleted, under a hash",
}
NOT_EXPORTED = {
    **NOBODYS,
    "run_events": "the words of the thread's items again, for a day",
    "followers": "leases of seconds",
}

REST = """
with thread as (select id, user_id from threads where user_id = %(user_id)s limit 1),
item as (
    select thread_id, id from thread_items where thread_id = (select id from thread) limit 1
), attachment as (
    insert into attachments (id, user_id, thread_id, payload)
    select 'atc_' || user_id, user_id, id, '{"name": "list.txt"}' from thread
), feedback as (
    insert into feedback (thread_id, item_id, user_id, kind)
    select item.thread_id, item.id, thread.user_id, 'positive' from item, thread
)
insert into followers (id, user_id, lease_expires_at)
select 'fol_' || user_id, user_id, now() from thread
"""


async def live(client: ChatClient, model: ModelServer, database_url: str) -> str:
    """Leave a row in every table that knows people; returns the thread."""
    model.script(
        [
            tool_calls(Call("create_task", {"title": f"Call {client.user}'s mother"})),
            tool_calls(Call("complete_all_tasks")),
            text(f"Please confirm, {client.user}."),
        ]
    )
    events = await client.create(f"I am {client.user}")
    thread_id = thread_of(events)
    card = done_items(events, "widget")[-1]
    confirm = actions_in(card["widget"])["Confirm"]
    action = {"type": confirm["type"], "payload": confirm["payload"]}
    params = {"thread_id": thread_id, "item_id": card["id"], "action": action}
    key = {"Idempotency-Key": f"key of {client.user}"}
    clicked = await client.post("threads.custom_action", params, **key)
    assert clicked.status_code == 200, clicked.text
    made = await client.http.post("/api/tasks", json={"title": f"Of {client.user}, by hand"})
    assert made.status_code == 201, made.text
    await rows(database_url, REST, user_id=client.user)
    return thread_id


async def tables(url: str) -> list[str]:
    query = """
        select table_name from information_schema.tables
        where table_schema = 'public' order by table_name
    """
    return [row["table_name"] for row in await rows(url, query)]


async def mentions(url: str, what: str) -> dict[str, int]:
    """How many rows of each table contain a text, in whatever column."""
    found = {}
    for table in await tables(url):
        query = sql.SQL("select count(*) from {table} as row where strpos(row::text, {what}) > 0")
        statement = query.format(table=sql.Identifier(table), what=sql.Literal(what))
        (row,) = await rows(url, statement)
        found[table] = row["count"]
    return found


async def count_rows(url: str) -> dict[str, int]:
    return await mentions(url, "")


async def erase(client: ChatClient, **body: Any) -> Any:
    return await client.http.request("DELETE", "/api/account", json=body)


async def test_after_the_erasure_no_table_knows_the_person(
    alice: ChatClient, bob: ChatClient, model: ModelServer, database_url: str
) -> None:
    await live(bob, model, database_url)
    only_bob = await count_rows(database_url)
    thread_id = await live(alice, model, database_url)
    both = await count_rows(database_url)
    unchanged = {table for table, count in both.items() if count == only_bob[table]}
    assert unchanged == set(NOBODYS), "this test must leave a row in each table"

    response = await erase(alice, confirm="delete")

    assert response.status_code == 204, response.text
    assert 'auth_token=""' in response.headers["set-cookie"]
    for text_of_alice in ("alice", thread_id):
        assert not any((await mentions(database_url, text_of_alice)).values())
    assert await count_rows(database_url) == {**only_bob, "erasures": 1}
    (kept,) = await rows(database_url, "select person_hash from erasures")
    assert kept["person_hash"] == hashlib.sha256(b"alice").digest()
    assert_problem(
        await alice.post("threads.get_by_id", {"thread_id": thread_id}), 404, "not-found"
    )
    assert await alice.tasks() == []


async def test_running_answers_are_ended_first(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("One", *[" more"] * 400, delay=0.05)])
    async with reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        assert (await erase(alice, confirm="delete")).status_code == 204
        await asyncio.wait_for(model.requests[0].client_gone.wait(), 1)
        await answer.to_the_end()
    assert not any((await mentions(database_url, "alice")).values())


async def test_an_answer_whose_process_hangs_goes_with_the_rest(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    await live(alice, model, database_url)
    running = """
        insert into runs (id, thread_id, user_id, lease_expires_at)
        select 'run_hanging', id, user_id, now() + interval '1 hour' from threads
    """
    await rows(database_url, running)
    assert (await erase(alice, confirm="delete")).status_code == 204
    assert not any((await mentions(database_url, "alice")).values())


async def test_nothing_is_erased_without_the_word(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    await live(alice, model, database_url)
    before = await count_rows(database_url)
    for body in ({}, {"confirm": "yes"}, {"confirm": True}, {"confirm": None}):
        problem = assert_problem(await erase(alice, **body), 422, "invalid-fields")
        assert problem["fields"] == {"confirm": "must be delete" if body else "is required"}
    assert_problem(await alice.http.delete("/api/account"), 422, "invalid-fields")
    assert await count_rows(database_url) == before


async def test_an_erased_person_can_begin_anew_but_not_without_end(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    for _ in range(3):
        made = await alice.http.post("/api/tasks", json={"title": "Again"})
        assert made.status_code == 201
        assert (await erase(alice, confirm="delete")).status_code == 204
        assert (await erase(alice, confirm="delete")).status_code in {204, 429}
    await alice.http.post("/api/tasks", json={"title": "Again"})
    response = await erase(alice, confirm="delete")
    assert_problem(response, 429, "too-many-erasures")
    assert int(response.headers["retry-after"]) > 23 * 3600
    await rows(database_url, "update erasures set erased_at = erased_at - interval '1 day'")
    assert (await erase(alice, confirm="delete")).status_code == 204


async def test_writes_during_the_erasure_are_whole_or_not_at_all(
    alice: ChatClient, database_url: str
) -> None:
    async def write() -> int:
        return (await alice.http.post("/api/tasks", json={"title": "t"})).status_code

    await write()
    statuses = await asyncio.gather(
        *(write() for _ in range(10)), erase_status(alice), *(write() for _ in range(10))
    )
    assert set(statuses) <= {201, 204}


async def erase_status(client: ChatClient) -> int:
    return int((await erase(client, confirm="delete")).status_code)


async def test_the_export_has_everything_and_nobody_elses(
    alice: ChatClient, bob: ChatClient, model: ModelServer, database_url: str
) -> None:
    await live(bob, model, database_url)
    thread_id = await live(alice, model, database_url)

    response = await alice.http.get("/api/account/export")

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert "attachment" in response.headers["content-disposition"]
    assert response.headers["content-encoding"] == "gzip"
    document = response.json()
    assert document["user"]["id"] == "alice"
    (thread,) = document["threads"]
    assert thread["id"] == thread_id
    counts = {
        "users": 1,
        "thread_items": len(thread["items"]),
        **{name: len(rows) for name, rows in document.items() if isinstance(rows, list)},
    }
    assert set(counts) == set(await tables(database_url)) - set(NOT_EXPORTED)
    everybodys = await count_rows(database_url)
    assert {table: 2 * count for table, count in counts.items()} == {
        table: everybodys[table] for table in counts
    }
    assert "bob" not in json.dumps(document)
    assert {task["title"] for task in document["tasks"]} == {
        "Call alice's mother",
        "Of alice, by hand",
    }
    plain = await alice.http.get("/api/account/export", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json()["tasks"] == document["tasks"]


async def test_someone_who_never_wrote_takes_away_nothing_and_is_erased_already(
    alice: ChatClient, database_url: str
) -> None:
    document = (await alice.http.get("/api/account/export")).json()
    assert document["user"] is None
    assert not any(value for value in document.values() if isinstance(value, list))
    assert (await erase(alice, confirm="delete")).status_code == 204
    assert await rows(database_url, "select from erasures") == []


async def test_a_follower_of_an_erased_answer_is_told_of_its_end(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("One", *[" more"] * 400, delay=0.05)])
    async with reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        assert (await erase(alice, confirm="delete")).status_code == 204

        async def has_ended() -> bool:
            return answer.ended.is_set()

        await until(has_ended, seconds=5)
