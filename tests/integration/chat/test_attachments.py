"""Files that a person attaches: uploaded, shown, given to the model, and seen again."""

import httpx2
import pytest

from functions.chatkit.answer import files
from tests.support.chat import (
    ChatClient,
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
    data_in,
    message_with,
    parts_of,
)
from tests.support.model_server import Call, ModelServer, text, tool_calls


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
