"""What a person may store, and how it is deleted."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from taskchat.attachments.disk import DiskStorage
from taskchat.database import Database
from taskchat.maintenance import maintain
from taskchat.settings import RetentionSettings
from tests.support.answers import rows
from tests.support.chat import (
    ChatClient,
    app_environment,
    attachments_directory,
    chat_application,
    done_items,
    thread_of,
)
from tests.support.files import (
    NOTES,
    WHITEBOARD,
    File,
    attach,
    create_attachment,
    message_with,
    parts_of,
    stored_files,
    stored_ids,
)
from tests.support.model_server import ModelServer, text
from tests.support.problems import assert_problem


@pytest.fixture(autouse=True)
def _no_files_are_left(database_url: str) -> Iterator[None]:
    """Another test may have the same database, with other rows."""
    yield
    shutil.rmtree(attachments_directory(database_url), ignore_errors=True)


@asynccontextmanager
async def person(url: str, name: str) -> AsyncIterator[ChatClient]:
    client = ChatClient(url, name)
    async with client.http:
        yield client


async def test_uploads_that_are_not_sent_are_limited(database_url: str, model: ModelServer) -> None:
    environment = app_environment(database_url, model, UPLOADS_PER_PERSON="2")
    async with chat_application(environment) as url, person(url, "alice") as alice:
        model.script([text("One.")])
        sent = await attach(alice, WHITEBOARD)
        await attach(alice, NOTES)
        refused = await create_attachment(alice, NOTES)
        assert_problem(refused, 429, "too-many-uploads")
        assert len(await stored_ids(database_url)) == 2
        await alice.events("threads.create", {"input": message_with("Look", sent)})
        await attach(alice, NOTES)
        async with person(url, "bob") as bob:
            await attach(bob, NOTES)


async def test_what_a_person_stores_is_limited(database_url: str, model: ModelServer) -> None:
    environment = app_environment(database_url, model, MEGABYTES_PER_PERSON="1")
    async with chat_application(environment) as url, person(url, "alice") as alice:
        first = await create_attachment(alice, WHITEBOARD, size=600_000)
        assert first.status_code == 200
        refused = await create_attachment(alice, WHITEBOARD, size=600_000)
        assert_problem(refused, 409, "storage-full")
        await alice.post("attachments.delete", {"attachment_id": first.json()["id"]})
        assert (await create_attachment(alice, WHITEBOARD, size=600_000)).status_code == 200


async def test_files_are_not_read_for_a_message_that_may_not_be_sent(
    database_url: str, model: ModelServer
) -> None:
    environment = app_environment(
        database_url, model, MESSAGES_PER_MINUTE="1", MESSAGES_PER_DAY="1", CHANGES_PER_MINUTE="4"
    )
    async with chat_application(environment) as url, person(url, "alice") as alice:
        model.script([text("One.")])
        liar = await attach(alice, File("innocent.png", "image/png", NOTES.content))
        await alice.create("Hello")
        for _ in range(2):
            refused = await alice.post("threads.create", {"input": message_with("Look", liar)})
            assert_problem(refused, 429, "message-limit")
        assert await stored_ids(database_url) == [liar]
    unlimited = app_environment(database_url, model, CHANGES_PER_MINUTE="2")
    async with chat_application(unlimited) as url, person(url, "bob") as bob:
        pending = await attach(bob, NOTES)
        unknown = await bob.post("threads.add_user_message", _to_nowhere(pending))
        assert_problem(unknown, 404, "not-found")
        again = await bob.post("threads.add_user_message", _to_nowhere(pending))
        assert_problem(again, 429, "too-many-changes")


def _to_nowhere(attachment_id: str) -> dict[str, Any]:
    return {"thread_id": "thr_none", "input": message_with("Look", attachment_id)}


async def test_a_model_without_eyes_is_offered_no_files(
    database_url: str, model: ModelServer
) -> None:
    seeing = app_environment(database_url, model)
    async with chat_application(seeing) as url, person(url, "alice") as alice:
        model.script([text("I see.")])
        sent = await attach(alice, WHITEBOARD)
        unsent = await attach(alice, WHITEBOARD)
        events = await alice.events("threads.create", {"input": message_with("Look", sent)})
    blind = app_environment(database_url, model, GEMINI_VISION="false")
    async with chat_application(blind) as url, person(url, "alice") as alice:
        assert (await alice.http.get("/api/session")).json()["attachments"] is None
        assert_problem(await create_attachment(alice, WHITEBOARD), 400, "not-supported")
        refused = await alice.post("threads.create", {"input": message_with("Look", unsent)})
        assert_problem(refused, 400, "not-supported")
        model.script([text("Without pictures.")])
        await alice.say(thread_of(events), "And now?")
        (_, note) = parts_of(model.requests[1], -2)
        assert "You no longer see" in note["text"]
        (shown,) = (await alice.items(thread_of(events)))[0]["attachments"]
        async with httpx2.AsyncClient() as browser:
            assert (await browser.get(shown["preview_url"])).content == WHITEBOARD.content


async def test_a_deleted_conversation_takes_its_files_along(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("I see.")])
    sent = await attach(alice, WHITEBOARD)
    events = await alice.events("threads.create", {"input": message_with("Look", sent)})
    assert [Path(path).name for path in stored_files(database_url)] == [sent]
    (shown,) = done_items(events, "user_message")[0]["attachments"]

    await alice.post("threads.delete", {"thread_id": thread_of(events)})

    assert stored_files(database_url) == []
    assert await stored_ids(database_url) == []
    assert await rows(database_url, "select from deleted_files") == []
    async with httpx2.AsyncClient() as browser:
        assert (await browser.get(shown["preview_url"])).status_code == 404


async def test_the_export_names_files_and_the_erasure_leaves_none(
    alice: ChatClient, bob: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("I see.")])
    sent = await attach(alice, WHITEBOARD)
    unsent = await attach(alice, NOTES)
    bobs = await attach(bob, NOTES)
    await alice.events("threads.create", {"input": message_with("Look", sent)})
    document = (await alice.http.get("/api/account/export")).json()
    assert {entry["id"]: entry["payload"]["name"] for entry in document["attachments"]} == {
        sent: "whiteboard.png",
        unsent: "notes.txt",
    }

    erased = await alice.http.request("DELETE", "/api/account", json={"confirm": "delete"})

    assert erased.status_code == 204
    assert [Path(path).name for path in stored_files(database_url)] == [bobs]
    assert await rows(database_url, "select from deleted_files") == []


async def test_what_the_store_did_not_delete_then_maintenance_deletes_later(
    alice: ChatClient, model: ModelServer, database: Database, database_url: str
) -> None:
    model.script([text("I see.")])
    sent = await attach(alice, WHITEBOARD)
    events = await alice.events("threads.create", {"input": message_with("Look", sent)})
    (path,) = stored_files(database_url)
    blocked = Path(path).parent
    blocked.rename(blocked.with_name("moved"))
    blocked.write_text("not a folder")

    await alice.post("threads.delete", {"thread_id": thread_of(events)})

    assert await stored_ids(database_url) == []
    blocked.unlink()
    blocked.with_name("moved").rename(blocked)
    storage = DiskStorage(str(attachments_directory(database_url)), "secret")
    counts = await maintain(database, RetentionSettings(), seconds=5, files=storage)
    assert counts["files"] == 1
    assert stored_files(database_url) == []
    assert await rows(database_url, "select from deleted_files") == []


async def test_what_is_not_sent_within_an_hour_goes(
    alice: ChatClient, database: Database, database_url: str
) -> None:
    late = await attach(alice, WHITEBOARD)
    await rows(database_url, "update attachments set created_at = now() - interval '61 min'")
    recent = await attach(alice, NOTES)
    storage = DiskStorage(str(attachments_directory(database_url)), "secret")
    counts = await maintain(database, RetentionSettings(), seconds=5, files=storage)
    assert (counts["unsent_attachments"], counts["files"]) == (1, 1)
    assert await stored_ids(database_url) == [recent]
    assert [Path(path).name for path in stored_files(database_url)] == [recent]
    answer = await alice.post("threads.create", {"input": message_with("Look", late)})
    assert_problem(answer, 404, "not-found")
