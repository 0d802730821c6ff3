"""Creates, checks, sends and deletes attachments, as the SDK's models."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatkit.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from psycopg.rows import DictRow
from pydantic import AnyUrl

from taskchat.attachments.deletion import delete_files_now
from taskchat.attachments.errors import AttachmentRefusedError, AttachmentSentError
from taskchat.attachments.kinds import EXTENSIONS, MAX_BYTES, is_what_it_says
from taskchat.attachments.previews import preview_placeholder
from taskchat.attachments.storage import SENT, UNSENT, FileStorage, StorageError, file_key
from taskchat.context import RequestContext
from taskchat.database import Connection, Database, fetch_all, load_queries
from taskchat.errors import InvalidFieldsError, PayloadTooLargeError
from taskchat.identifiers import new_id
from taskchat.limits import count_change, require_message_room, require_upload_room
from taskchat.settings import LimitSettings
from taskchat.threads.errors import NotStoredError
from taskchat.threads.payloads import read_attachment
from taskchat.threads.storable import storable_payload, storable_text
from taskchat.users import ensure_user

logger = logging.getLogger(__name__)

_queries = load_queries("attachments")

MAX_NAME = 255


@dataclass(frozen=True, kw_only=True)
class Attachments:
    """The attachments in the database and their files in the store."""

    database: Database
    storage: FileStorage
    limits: LimitSettings

    async def create(
        self, params: AttachmentCreateParams, context: RequestContext, host: str
    ) -> Attachment:
        """Create an attachment. It has the URL to which the page must upload the file.

        Raises `InvalidFieldsError`, `PayloadTooLargeError`, `TooManyChangesError`,
        `TooManyUploadsError` and `StorageFullError`.
        """
        mime_type = params.mime_type.partition(";")[0].strip().lower()
        _check_params(mime_type, params.size)
        user_id, attachment_id = context.user.id, new_id("atc")
        key = file_key(user_id, attachment_id)
        stored = _new_attachment(attachment_id, _clean_name(params.name), mime_type)
        url = await self.storage.upload_url(f"{UNSENT}/{key}", mime_type, params.size, host)
        values = {
            "id": attachment_id,
            "user_id": user_id,
            "payload": storable_payload(stored, beside={"id", "thread_id"}),
            "size": params.size,
            "file_key": key,
        }
        async with self.database.transaction() as connection:
            await ensure_user(connection, context.user)
            await count_change(connection, user_id, self.limits)
            await require_upload_room(connection, user_id, params.size, self.limits)
            await connection.execute(_queries.insert_attachment, values)
        created = stored.model_copy()
        created.upload_descriptor = AttachmentUploadDescriptor(
            url=AnyUrl(url), method="PUT", headers={"Content-Type": mime_type}
        )
        if isinstance(created, ImageAttachment):
            preview = await self.storage.preview_url(f"{UNSENT}/{key}", mime_type, host)
            created.preview_url = AnyUrl(preview)
        return created

    async def delete(self, attachment_id: str, context: RequestContext) -> None:
        """Delete an unsent attachment. Raises `NotStoredError` and `AttachmentSentError`."""
        user_id, attachment_id = context.user.id, storable_text(attachment_id)
        async with self.database.transaction() as connection:
            await count_change(connection, user_id, self.limits)
            key = {"user_id": user_id, "id": attachment_id}
            deleted = await connection.execute(_queries.delete_unsent_attachment, key)
            if deleted.rowcount == 0:
                await _find(connection, user_id, [attachment_id])
                raise AttachmentSentError("The file was sent, and stays with its message.")
        await delete_files_now(self.database, self.storage, user_id)

    async def check(self, ids: Iterable[str], context: RequestContext) -> list[Attachment]:
        """Check the attachments of a message that is about to be sent, and keep their files.

        An attachment is deleted if its file is missing or does not match its description. Raises
        `NotStoredError`, `MessageLimitError`, `TooManyChangesError`, and `AttachmentRefusedError`
        with a message to the person.
        """
        user_id = context.user.id
        async with self.database.transaction() as connection:
            rows = await _find(connection, user_id, [storable_text(name) for name in ids])
            unsent = [row for row in rows if row["item_id"] is None]
            if unsent:
                # Reading up to 50 MB is the most that a request can ask for, and it comes before
                # the message is counted.
                await require_message_room(connection, user_id, self.limits)
                await count_change(connection, user_id, self.limits)
        faults = await asyncio.gather(*map(self._keep, unsent))
        lies = [row["id"] for row, fault in zip(unsent, faults, strict=True) if fault]
        for attachment_id in lies:
            async with self.database.transaction() as connection:
                key = {"user_id": user_id, "id": attachment_id}
                await connection.execute(_queries.delete_unsent_attachment, key)
        if lies:
            await delete_files_now(self.database, self.storage, user_id)
            raise AttachmentRefusedError(" ".join(fault for fault in faults if fault), lies)
        return [read_attachment(row) for row in rows]

    async def _keep(self, row: DictRow) -> str | None:
        """Check a file and copy it to `SENT`, or return what is wrong with it."""
        name, mime_type = row["payload"]["name"], row["payload"]["mime_type"]
        content = await self.storage.read(f"{UNSENT}/{row['file_key']}")
        if content is None:
            return f"“{name}” was not uploaded. Attach it again."
        if len(content) != row["size"]:
            return f"“{name}” was not uploaded whole. Attach it again."
        if not is_what_it_says(mime_type, content):
            return f"“{name}” is not a file of the type {_in_words(mime_type)}. Attach another."
        await self.storage.write(f"{SENT}/{row['file_key']}", mime_type, content)
        return None

    async def clean_up(self, attachments: Sequence[Attachment], user_id: str) -> None:
        """Delete the uploads of sent attachments: the message has its own copies."""
        keys = [file_key(user_id, attachment.id) for attachment in attachments]
        try:
            await self.storage.delete([f"{UNSENT}/{key}" for key in keys])
        except StorageError as error:
            logger.warning("uploads are left for the store to expire: %r", error.__cause__)


async def claim(
    connection: Connection, user_id: str, thread_id: str, item_id: str, ids: Sequence[str]
) -> None:
    """Assign attachments to a message, in the caller's transaction. Idempotent.

    Raises `AttachmentSentError` if another message has one of them.
    """
    values = {"user_id": user_id, "thread_id": thread_id, "item_id": item_id, "ids": list(ids)}
    claimed = await fetch_all(connection, _queries.claim_attachments, values)
    if len(claimed) != len(ids):
        raise AttachmentSentError("A file of this message was sent before. Attach it again.")


async def _find(connection: Connection, user_id: str, ids: list[str]) -> list[DictRow]:
    """The rows, in the order of the ids. Raises `NotStoredError` if one is missing."""
    values = {"user_id": user_id, "ids": ids}
    rows = await fetch_all(connection, _queries.find_attachments, values)
    found = {row["id"]: row for row in rows}
    if missing := [name for name in ids if name not in found]:
        what = "The file does" if len(missing) == 1 else "Some of the files do"
        raise NotStoredError(f"{what} not exist any more. Attach it again.")
    return [found[name] for name in ids]


def _check_params(mime_type: str, size: int) -> None:
    if mime_type not in EXTENSIONS:
        kinds = ", ".join(map(_in_words, EXTENSIONS))
        raise InvalidFieldsError({"mime_type": f"must be one of {kinds}"})
    if size > MAX_BYTES:
        raise PayloadTooLargeError(f"A file can have up to {MAX_BYTES // 1024**2} MB.")
    if size < 1:
        raise InvalidFieldsError({"size": "must be at least 1: the file is empty"})


def _new_attachment(attachment_id: str, name: str, mime_type: str) -> Attachment:
    if mime_type.startswith("image/"):
        return ImageAttachment(
            id=attachment_id,
            name=name,
            mime_type=mime_type,
            preview_url=AnyUrl(preview_placeholder(attachment_id, mime_type)),
        )
    return FileAttachment(id=attachment_id, name=name, mime_type=mime_type)


def _clean_name(name: str) -> str:
    """The name without folders, and with a space for each unprintable character."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter if letter.isprintable() else " " for letter in last).strip()
    return shown[-MAX_NAME:] or "file"


def _in_words(mime_type: str) -> str:
    return {"text/plain": "plain text (UTF-8)"}.get(mime_type, mime_type.partition("/")[2].upper())
