"""How many files a person may have uploaded without sending them, and how much they may store."""

from taskchat.database import Connection, fetch_all, load_queries
from taskchat.errors import StorageFullError, TooManyUploadsError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")

MEGABYTE = 1_000_000


async def require_upload_room(
    connection: Connection, user_id: str, size: int, settings: LimitSettings
) -> None:
    """Refuse a file of `size` bytes for which the person has no room, before it is recorded.

    In the transaction that records it. Raises `TooManyUploadsError` and `StorageFullError`.
    """
    await connection.execute(_queries.lock_person, {"user_id": user_id})
    (row,) = await fetch_all(connection, _queries.count_uploads, {"user_id": user_id})
    if row["unsent"] >= settings.uploads_per_person:
        raise TooManyUploadsError(
            f"You have {settings.uploads_per_person} files that are attached and not sent. "
            "Send or remove some of them first."
        )
    if row["bytes"] + size > settings.megabytes_per_person * MEGABYTE:
        raise StorageFullError(
            f"Your files can have {settings.megabytes_per_person:,} MB together. "
            "Delete conversations with files to make room."
        )
