"""Files that a person attaches: uploaded, shown, given to the model, and seen again."""

import base64
from typing import Any

import httpx2

from tests.support.chat import ChatClient, done_items, thread_of
from tests.support.files import NOTES, PAPER, WHITEBOARD, attach, create_attachment, message_with
from tests.support.model_server import Call, ModelServer, RecordedRequest, text, tool_calls


def parts_of(request: RecordedRequest, message_index: int = -1) -> list[dict[str, Any]]:
    """The content parts of one of the person's messages, as the model got it."""
    messages = [entry for entry in request.json["messages"] if entry["role"] == "user"]
    content = messages[message_index]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def data_in(part: dict[str, Any]) -> tuple[str, bytes]:
    """Type and bytes of a data URL."""
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)


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
