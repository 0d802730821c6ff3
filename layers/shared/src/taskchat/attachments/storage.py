"""The store of files, either S3 or the disk of a local server, behind one interface.

A file's key is `<person's folder>/<attachment id>`. There are two areas. Browsers upload to
`UNSENT`, where they can replace a file while the upload's URL is valid, and where files are not
kept for long. When a message is accepted, its files are checked and copied to `SENT`, where no URL
can write.
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from taskchat.errors import TaskchatError
from taskchat.settings import AttachmentSettings

UNSENT = "unsent"
SENT = "sent"

UPLOAD_SECONDS = 15 * 60
"""How long an upload's URL is valid."""


class StorageError(TaskchatError):
    """The store of files is unavailable, or refused a request."""

    status = 503
    code = "files-unavailable"
    title = "Files are not available for a moment"
    retry_after = 5


class FileStorage(Protocol):
    """A store of files. Names have the form `<area>/<key>`. Raises `StorageError`.

    `host` is the host of the person's request. Only a local server's URLs need it.
    """

    async def upload_url(self, name: str, mime_type: str, size: int, host: str) -> str:
        """A URL where PUT stores a file of exactly this type and size, for `UPLOAD_SECONDS`."""

    async def preview_url(self, name: str, mime_type: str, host: str) -> str:
        """A URL where GET returns the file without a cookie, until the end of tomorrow (UTC)."""

    async def read(self, name: str) -> bytes | None:
        """The whole file, or None if there is none."""

    async def write(self, name: str, mime_type: str, content: bytes) -> None:
        """Store the file. Replaces an existing file of that name."""

    async def delete(self, names: Sequence[str]) -> None:
        """Delete the files. Those that do not exist are ignored."""


def person_folder(user_id: str) -> str:
    """The folder of a person's files: a hash, because a token's `sub` may have any characters."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:32]


def file_key(user_id: str, attachment_id: str) -> str:
    """The key of an attachment's file."""
    return f"{person_folder(user_id)}/{attachment_id}"


def open_storage(settings: AttachmentSettings) -> FileStorage | None:
    """The store that the settings name, or None. Does not connect yet."""
    if settings.bucket:
        from taskchat.attachments.s3 import S3Storage

        return S3Storage(settings.bucket)
    if settings.directory and settings.secret:
        from taskchat.attachments.disk import DiskStorage

        return DiskStorage(settings.directory, settings.secret.get_secret_value())
    return None
