"""Limits how many unsent files a person may have, and how much all their files may take."""

from taskchat.database import Connection, fetch_all, load_queries
from taskchat.errors import StorageFullError, TooManyUploadsError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")

MEGABYTE = 1_000_000


async def require_upload_room(
    connection: Connection, user_id: str, size: int, settings: LimitSettings
) -> None:
    """Refuse a file of `size` bytes if the person has no room for it, before it is recorded.

    Runs in the transaction that records it. Raises `TooManyUploadsError` and `StorageFullError`.
    """
    await connection.execute(_queries.lock_person, {"user_id": user_id})
    (row,) = await fetch_all(connection, _queries.count_uploads, {"user_id": user_id})
    if row["unsent"] >= settings.uploads_per_person:
        raise TooManyUploadsError(
            f"You have {settings.uploads_per_person} attached files that are not sent yet. "
            "Send or remove some of them first."
        )
    if row["bytes"] + size > settings.megabytes_per_person * MEGABYTE:
        raise StorageFullError(
            f"Your files can take up to {settings.megabytes_per_person:,} MB in total. "
            "Delete conversations with files to make room."
        )
