"""Files that are not what they were said to be: refused by name, so that the page keeps others."""

from tests.support.chat import ChatClient
from tests.support.files import NOTES, WHITEBOARD, File, attach, message_with


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
