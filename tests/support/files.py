"""Sample files, each with the first bytes of its type, and functions that attach them."""

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.support.answers import rows
from tests.support.chat import ChatClient, attachments_directory, message
from tests.support.model_server import RecordedRequest


@dataclass(frozen=True)
class File:
    """A file on a person's machine. A browser derives `mime_type` from the name."""

    name: str
    mime_type: str
    content: bytes


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(shade: int = 128) -> bytes:
    """Return an image of one grey pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, shade]))
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


WHITEBOARD = File("whiteboard.png", "image/png", png())
PHOTO = File("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(60))
DRAWING = File("drawing.webp", "image/webp", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(24))
PAPER = File("paper.pdf", "application/pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
NOTES = File("notes.txt", "text/plain", "Milk, café, ☕\n".encode())


async def create_attachment(client: ChatClient, file: File, **changes: Any) -> httpx2.Response:
    """The first phase."""
    params = {"name": file.name, "size": len(file.content), "mime_type": file.mime_type}
    return await client.post("attachments.create", params | changes)


async def upload(attachment: dict[str, Any], content: bytes, **headers: str) -> httpx2.Response:
    """The second phase, as a browser does it: without cookie or token."""
    descriptor = attachment["upload_descriptor"]
    async with httpx2.AsyncClient() as browser:
        return await browser.request(
            descriptor["method"],
            descriptor["url"],
            content=content,
            headers={**descriptor["headers"], **headers},
        )


async def attach(client: ChatClient, file: File) -> str:
    """Both phases; the attachment's id."""
    created = await create_attachment(client, file)
    assert created.status_code == 200, created.text
    uploaded = await upload(created.json(), file.content)
    assert uploaded.status_code == 200, uploaded.text
    return str(created.json()["id"])


def message_with(text: str, *ids: str) -> dict[str, Any]:
    """A `UserMessageInput` that names attachments."""
    return {**message(text), "attachments": list(ids)}


def stored_files(database_url: str) -> list[str]:
    """The paths of all that is in the store."""
    folder = attachments_directory(database_url)
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


async def stored_ids(database_url: str) -> list[str]:
    """The attachments that the database knows."""
    return [row["id"] for row in await rows(database_url, "select id from attachments")]


def parts_of(request: RecordedRequest, message_index: int = -1) -> list[dict[str, Any]]:
    """The content parts of one of the person's messages, as the model got it."""
    messages = [entry for entry in request.json["messages"] if entry["role"] == "user"]
    content = messages[message_index]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def data_in(part: dict[str, Any]) -> tuple[str, bytes]:
    """Type and bytes of a data URL."""
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)
