"""Where files lie: in S3, or on the disk of a local server, behind one interface.

A file has a key under its person, `<folder>/<attachment id>`, and lies in one of two areas. What
the browser uploads goes to `UNSENT`, where it may be replaced for as long as the upload's URL is
valid, and is not kept for long. What a message was accepted with was checked, and is written to
`SENT`, where no URL can write.
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from taskchat.errors import TaskchatError
from taskchat.settings import AttachmentSettings

UNSENT = "unsent"
SENT = "sent"

UPLOAD_SECONDS = 15 * 60
"""How long a URL to upload to is valid."""


class StorageError(TaskchatError):
    """The store of files cannot be reached now, or refused."""

    status = 503
    code = "files-unavailable"
    title = "Files are not available for a moment"
    retry_after = 5


class FileStorage(Protocol):
    """A store of files. Names are an area, a slash and a key. Raises `StorageError`.

    `host` is the one that the person's request was sent to; only a local server's URLs need it.
    """

    async def upload_url(self, name: str, mime_type: str, size: int, host: str) -> str:
        """Where PUT stores a file of exactly this type and size, for `UPLOAD_SECONDS`."""

    async def preview_url(self, name: str, mime_type: str, host: str) -> str:
        """Where GET shows the file, without a cookie, until the end of tomorrow (UTC)."""

    async def read(self, name: str) -> bytes | None:
        """The whole file, or None where there is none."""

    async def write(self, name: str, mime_type: str, content: bytes) -> None:
        """Store the file, in the place of one of that name."""

    async def delete(self, names: Sequence[str]) -> None:
        """Delete those of the files that there are."""


def person_folder(user_id: str) -> str:
    """The folder of a person's files. A token's `sub` may have any characters; this has not."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:32]


def file_key(user_id: str, attachment_id: str) -> str:
    """The key of an attachment's file."""
    return f"{person_folder(user_id)}/{attachment_id}"


def open_storage(settings: AttachmentSettings) -> FileStorage | None:
    """The store that the settings name, if they do; nothing connects yet."""
    if settings.bucket:
        from taskchat.attachments.s3 import S3Storage

        return S3Storage(settings.bucket)
    if settings.directory and settings.secret:
        from taskchat.attachments.disk import DiskStorage

        return DiskStorage(settings.directory, settings.secret.get_secret_value())
    return None
