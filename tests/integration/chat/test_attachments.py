"""Files that a person attaches: uploaded, shown, given to the model, and seen again."""

import base64
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from functions.chatkit.answer import files
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
    PAPER,
    WHITEBOARD,
    File,
    attach,
    create_attachment,
    message_with,
    upload,
)
from tests.support.model_server import Call, ModelServer, RecordedRequest, text, tool_calls
from tests.support.problems import assert_problem


@pytest.fixture(autouse=True)
def _no_files_are_left(database_url: str) -> Iterator[None]:
    """Another test may have the same database, with other rows."""
    yield
    shutil.rmtree(attachments_directory(database_url), ignore_errors=True)


def parts_of(request: RecordedRequest, message_index: int = -1) -> list[dict[str, Any]]:
    """The content parts of one of the person's messages, as the model got it."""
    messages = [entry for entry in request.json["messages"] if entry["role"] == "user"]
    content = messages[message_index]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def data_in(part: dict[str, Any]) -> tuple[str, bytes]:
    """Type and bytes of a data URL."""
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)


def stored_files(database_url: str) -> list[str]:
    """The paths of all that is in the store."""
    folder = attachments_directory(database_url)
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


async def ids_of(database_url: str) -> list[str]:
    """The attachments that the database knows."""
    return [row["id"] for row in await rows(database_url, "select id from attachments")]


@asynccontextmanager
async def person(url: str, name: str) -> AsyncIterator[ChatClient]:
    client = ChatClient(url, name)
    async with client.http:
        yield client


async def test_tasks_are_made_from_the_photo_of_a_whiteboard(
    alice: ChatClient, model: ModelServer
) -> None:
    titles = ("Order chairs", "Call the printer")
    calls = [Call("create_task", {"title": title}) for title in titles]
    model.script([tool_calls(*calls), text("I made two tasks from the whiteboard.")])
    attachment_id = await attach(alice, WHITEBOARD)

    events = await alice.events(
        "threads.create", {"input": message_with("Make tasks from this photo", attachment_id)}
    )

    words, note, picture = parts_of(model.requests[0])
    assert words["text"] == "Make tasks from this photo"
    assert "whiteboard.png" in note["text"]
    assert data_in(picture) == ("image/png", WHITEBOARD.content)
    assert {task["title"] for task in await alice.tasks()} == set(titles)
    (sent,) = done_items(events, "user_message")
    stored = (await alice.items(thread_of(events)))[0]
    assert stored["attachments"] == sent["attachments"]
    (shown,) = stored["attachments"]
    assert (shown["id"], shown["name"]) == (attachment_id, "whiteboard.png")
    assert "upload_descriptor" not in shown
    async with httpx2.AsyncClient() as browser:
        preview = await browser.get(shown["preview_url"])
    assert preview.content == WHITEBOARD.content
    assert preview.headers["content-type"] == "image/png"
    assert preview.headers["x-content-type-options"] == "nosniff"
    assert preview.headers["content-disposition"] == "inline"


async def test_documents_go_whole_and_text_as_quoted_data(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Read.")])
    ids = [await attach(alice, file) for file in (PAPER, NOTES)]

    await alice.events("threads.create", {"input": message_with("", *ids)})

    paper_note, paper, notes = parts_of(model.requests[0])
    assert "paper.pdf" in paper_note["text"]
    assert data_in(paper) == ("application/pdf", PAPER.content)
    assert '"Milk, café, ☕\\n"' in notes["text"]


async def test_the_session_says_what_can_be_attached(alice: ChatClient) -> None:
    session = (await alice.http.get("/api/session")).json()
    assert session["attachments"] == {
        "max_bytes": 10485760,
        "max_count": 5,
        "types": {
            "image/png": [".png"],
            "image/jpeg": [".jpg", ".jpeg"],
            "image/webp": [".webp"],
            "application/pdf": [".pdf"],
            "text/plain": [".txt"],
        },
    }


async def test_what_was_not_sent_can_be_taken_back(alice: ChatClient) -> None:
    created = (await create_attachment(alice, WHITEBOARD)).json()
    deleted = await alice.post("attachments.delete", {"attachment_id": created["id"]})
    assert (deleted.status_code, deleted.json()) == (200, {})
    again = await alice.post("attachments.delete", {"attachment_id": created["id"]})
    assert again.status_code == 404


# --- what is refused, and leaves nothing ----------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"size": 10 * 1024 * 1024 + 1}, 413, "payload-too-large"),
        ({"size": 0}, 422, "invalid-fields"),
        ({"size": -1}, 422, "invalid-fields"),
        ({"mime_type": "image/svg+xml"}, 422, "invalid-fields"),
        ({"mime_type": "text/html"}, 422, "invalid-fields"),
    ],
)
async def test_a_file_over_the_limits_is_not_taken(
    alice: ChatClient, database_url: str, changes: dict[str, Any], status: int, code: str
) -> None:
    assert_problem(await create_attachment(alice, WHITEBOARD, **changes), status, code)
    assert await rows(database_url, "select from attachments") == []


async def test_the_url_takes_the_named_type_and_size_only_and_only_for_a_while(
    alice: ChatClient, database_url: str
) -> None:
    created = (await create_attachment(alice, WHITEBOARD)).json()
    url = created["upload_descriptor"]["url"]
    content = WHITEBOARD.content
    other = dict(created, upload_descriptor=dict(created["upload_descriptor"]))
    attempts = {
        "longer": upload(created, content + b"\0"),
        "shorter": upload(created, content[:-1]),
        "another type": upload(created, content, **{"Content-Type": "text/html"}),
    }
    for changed in (
        url.replace("image%2Fpng", "text%2Fhtml"),
        url.replace(f"size={len(content)}", "size=9000000"),
        re.sub(r"atc_[0-9a-f]+", f"atc_{'0' * 32}", url),
        re.sub(r"expires=\d+", "expires=1", url),
        re.sub(r"expires=\d+", "expires=99999999999", url),
        url.partition("&signature")[0],
        url.partition("?")[0],
    ):
        other["upload_descriptor"] = created["upload_descriptor"] | {"url": changed}
        attempts[changed] = upload(dict(other), content)
    for name, attempt in attempts.items():
        assert (await attempt).status_code == 403, name
    async with httpx2.AsyncClient() as browser:
        assert (await browser.get(url)).status_code == 403
        assert (await browser.get(created["preview_url"])).status_code == 404
    assert stored_files(database_url) == []


@pytest.mark.parametrize(
    ("mime_type", "content"),
    [
        ("image/png", NOTES.content),
        ("image/jpeg", WHITEBOARD.content),
        ("image/webp", b"RIFF\x24\0\0\0WAVEfmt "),
        ("application/pdf", b"<html><script>alert(1)</script>"),
        ("text/plain", b"MZ\x90\0"),
        ("text/plain", "café".encode("latin-1")),
    ],
)
async def test_a_file_that_lies_is_refused_in_words_and_gone(
    alice: ChatClient, model: ModelServer, database_url: str, mime_type: str, content: bytes
) -> None:
    liar = await attach(alice, File("innocent.png", mime_type, content))
    honest = await attach(alice, WHITEBOARD)

    answer = await alice.post(
        "threads.create", {"input": message_with("Look at this", honest, liar)}
    )

    problem = assert_problem(answer, 422, "attachment-refused")
    assert "innocent.png" in problem["message"]
    assert await ids_of(database_url) == [honest]
    assert not any(liar in path for path in stored_files(database_url))
    assert await rows(database_url, "select from threads") == []
    assert await rows(database_url, "select from deleted_files") == []
    assert model.requests == []
    # Without it, the message goes as it is.
    model.script([text("I see.")])
    await alice.events("threads.create", {"input": message_with("Look at this", honest)})


async def test_a_file_that_was_never_uploaded_is_refused_in_words_and_gone(
    alice: ChatClient, database_url: str
) -> None:
    created = (await create_attachment(alice, WHITEBOARD)).json()
    answer = await alice.post("threads.create", {"input": message_with("Look", created["id"])})
    problem = assert_problem(answer, 422, "attachment-refused")
    assert "whiteboard.png" in problem["message"]
    assert await ids_of(database_url) == []


async def test_a_strangers_file_does_not_exist(
    alice: ChatClient, bob: ChatClient, database_url: str
) -> None:
    hers = await attach(alice, WHITEBOARD)
    answer = await bob.post("threads.create", {"input": message_with("Look", hers)})
    assert_problem(answer, 404, "not-found")
    assert_problem(await bob.post("attachments.delete", {"attachment_id": hers}), 404, "not-found")
    assert await ids_of(database_url) == [hers]
    assert len(stored_files(database_url)) == 1


async def test_a_message_has_five_files_at_most(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("Five.")])
    ids = [await attach(alice, WHITEBOARD) for _ in range(6)]
    answer = await alice.post("threads.create", {"input": message_with("Six", *ids)})
    assert_problem(answer, 413, "payload-too-large")
    await alice.events("threads.create", {"input": message_with("Five", *ids[:5])})


async def test_a_file_goes_with_one_message_and_stays_with_it(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("I see.")])
    sent = await attach(alice, WHITEBOARD)
    key = {"Idempotency-Key": "once"}
    first = await alice.events("threads.create", {"input": message_with("Look", sent)}, **key)
    again = await alice.events("threads.create", {"input": message_with("Look", sent)}, **key)
    assert again == first
    answer = await alice.post("threads.create", {"input": message_with("Look", sent)})
    assert_problem(answer, 409, "attachment-sent")
    deleted = await alice.post("attachments.delete", {"attachment_id": sent})
    assert_problem(deleted, 409, "attachment-sent")
    assert len(model.requests) == 1


async def test_an_upload_after_the_check_changes_nothing(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("I see."), text("Still the same.")])
    created = (await create_attachment(alice, WHITEBOARD)).json()
    await upload(created, WHITEBOARD.content)
    events = await alice.events("threads.create", {"input": message_with("Look", created["id"])})
    other = bytes(len(WHITEBOARD.content))
    assert (await upload(created, other)).status_code == 200
    await alice.say(thread_of(events), "Look again")
    (*_, picture) = parts_of(model.requests[1], -2)
    assert data_in(picture)[1] == WHITEBOARD.content


# --- what a person may store, and the end of it ---------------------------------------------------


async def test_uploads_that_are_not_sent_are_limited(database_url: str, model: ModelServer) -> None:
    environment = app_environment(database_url, model, UPLOADS_PER_PERSON="2")
    async with chat_application(environment) as url, person(url, "alice") as alice:
        model.script([text("One.")])
        sent = await attach(alice, WHITEBOARD)
        await attach(alice, NOTES)
        refused = await create_attachment(alice, NOTES)
        assert_problem(refused, 429, "too-many-uploads")
        assert len(await ids_of(database_url)) == 2
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
        assert await ids_of(database_url) == [liar]
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
    assert await ids_of(database_url) == []
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

    assert await ids_of(database_url) == []
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
    assert await ids_of(database_url) == [recent]
    assert [Path(path).name for path in stored_files(database_url)] == [recent]
    answer = await alice.post("threads.create", {"input": message_with("Look", late)})
    assert_problem(answer, 404, "not-found")


# --- what the model is given again ----------------------------------------------------------------


async def test_earlier_files_are_given_again_while_there_is_room(
    alice: ChatClient, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2 * len(WHITEBOARD.content))
    model.script([text("I see.")] * 3)
    ids = [await attach(alice, WHITEBOARD) for _ in range(4)]
    events = await alice.events("threads.create", {"input": message_with("First", ids[0])})
    thread_id = thread_of(events)
    for words, some in (("Second", ids[1:2]), ("Third", ids[2:])):
        params = {"thread_id": thread_id, "input": message_with(words, *some)}
        await alice.events("threads.add_user_message", params)

    second, third = model.requests[1:]
    assert [len(parts_of(second, place)) for place in (-2, -1)] == [3, 3]
    assert [len(parts_of(third, place)) for place in (-3, -2, -1)] == [2, 2, 5]
    assert "You no longer see" in parts_of(third, -3)[1]["text"]


async def test_a_long_text_is_cut_and_says_so(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("Long.")])
    long = await attach(alice, File("log.txt", "text/plain", b"<note>" * 10_000))
    await alice.events("threads.create", {"input": message_with("Read", long)})
    note = parts_of(model.requests[0])[1]["text"]
    assert "Its last 20,000 characters are left out." in note
    assert note.count("<note>") == 1


async def test_openais_element_and_our_page_may_upload_and_nobody_else(alice: ChatClient) -> None:
    created = (await create_attachment(alice, WHITEBOARD)).json()
    url = created["upload_descriptor"]["url"]
    allowed = {}
    async with httpx2.AsyncClient() as browser:
        for origin in ("https://cdn.platform.openai.com", alice.url, "https://evil.example"):
            answer = await browser.options(
                url, headers={"Origin": origin, "Access-Control-Request-Method": "PUT"}
            )
            allowed[origin] = answer.headers.get("access-control-allow-origin")
    assert allowed == {
        "https://cdn.platform.openai.com": "https://cdn.platform.openai.com",
        alice.url: alice.url,
        "https://evil.example": None,
    }
