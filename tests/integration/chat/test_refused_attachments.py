"""Files that are refused, in words, and leave nothing behind."""

import re
from typing import Any

import httpx2
import pytest

from tests.support.answers import rows
from tests.support.chat import (
    ChatClient,
    thread_of,
)
from tests.support.files import (
    NOTES,
    WHITEBOARD,
    File,
    attach,
    create_attachment,
    data_in,
    message_with,
    parts_of,
    stored_files,
    stored_ids,
    upload,
)
from tests.support.model_server import ModelServer, text
from tests.support.problems import assert_problem


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
    assert await stored_ids(database_url) == [honest]
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
    assert await stored_ids(database_url) == []


async def test_a_strangers_file_does_not_exist(
    alice: ChatClient, bob: ChatClient, database_url: str
) -> None:
    hers = await attach(alice, WHITEBOARD)
    answer = await bob.post("threads.create", {"input": message_with("Look", hers)})
    assert_problem(answer, 404, "not-found")
    assert_problem(await bob.post("attachments.delete", {"attachment_id": hers}), 404, "not-found")
    assert await stored_ids(database_url) == [hers]
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


async def test_the_refusal_names_the_files_that_are_gone(alice: ChatClient) -> None:
    kept = await attach(alice, NOTES)
    lie = await attach(alice, File(WHITEBOARD.name, WHITEBOARD.mime_type, b"no picture"))

    refused = await alice.post("threads.create", {"input": message_with("Hello", kept, lie)})

    assert refused.status_code == 422
    assert refused.json()["attachment_ids"] == [lie]
    assert "whiteboard.png" in refused.json()["detail"]
    gone = await alice.post("attachments.delete", {"attachment_id": lie})
    assert gone.status_code == 404
    again = await alice.post("threads.create", {"input": message_with("Hello", kept)})
    assert again.status_code == 200
