"""Files on the disk of a local server, which accepts and serves them at signed URLs.

Like S3's presigned URLs, they are valid for one method, file, type and size, and expire. The
server's route is in `local.files`.
"""

import asyncio
import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import override
from urllib.parse import urlencode

from taskchat.attachments.storage import UNSENT, UPLOAD_SECONDS, FileStorage, StorageError
from taskchat.clock import utc_now

ROUTE = "/api/dev/files/"
UNSENT_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class SignedUrls:
    """Signs URLs with a secret, and verifies them."""

    secret: str

    def sign(self, method: str, host: str, name: str, **values: str) -> str:
        """A URL for one method and file. The signature covers the `values` as well."""
        query = urlencode(sorted(values.items()))
        signature = self._signature(method, name, query)
        return f"http://{host}{ROUTE}{name}?{query}&signature={signature}"

    def holds(self, method: str, name: str, values: Mapping[str, str]) -> bool:
        """Whether the URL was made by `sign` and has not expired."""
        given = {key: value for key, value in values.items() if key != "signature"}
        signature = self._signature(method, name, urlencode(sorted(given.items())))
        genuine = hmac.compare_digest(signature.encode(), values.get("signature", "").encode())
        return genuine and float(values["expires"]) > time.time()

    def _signature(self, method: str, name: str, query: str) -> str:
        text = f"{method} {name}?{query}"
        return hmac.digest(self.secret.encode(), text.encode(), hashlib.sha256).hex()


class DiskStorage(FileStorage):
    """A store in a folder."""

    def __init__(self, directory: str, secret: str) -> None:
        self.directory = Path(directory)
        self.urls = SignedUrls(secret)

    @override
    async def upload_url(self, name: str, mime_type: str, size: int, host: str) -> str:
        expires = str(int(time.time()) + UPLOAD_SECONDS)
        return self.urls.sign("PUT", host, name, type=mime_type, size=str(size), expires=expires)

    @override
    async def preview_url(self, name: str, mime_type: str, host: str) -> str:
        expires = str(int(end_of_tomorrow().timestamp()))
        return self.urls.sign("GET", host, name, type=mime_type, expires=expires)

    @override
    async def read(self, name: str) -> bytes | None:
        path = self.directory / name
        return await _on_disk(lambda: path.read_bytes() if path.exists() else None)

    @override
    async def write(self, name: str, mime_type: str, content: bytes) -> None:
        path = self.directory / name

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Atomic, so that concurrent readers and writers never see part of a file.
            partial = path.with_name(f"{path.name}.{time.monotonic_ns()}.part")
            partial.write_bytes(content)
            partial.replace(path)

        await _on_disk(write)

    @override
    async def delete(self, names: Sequence[str]) -> None:
        def delete() -> None:
            for name in names:
                (self.directory / name).unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    (self.directory / name).parent.rmdir()

        await _on_disk(delete)

    async def expire(self) -> None:
        """Delete old uploads that were not sent, as a lifecycle rule does in a bucket."""

        def expire() -> None:
            oldest = (utc_now() - UNSENT_KEPT).timestamp()
            for path in (self.directory / UNSENT).glob("*/*"):
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)

        await _on_disk(expire)


def end_of_tomorrow() -> datetime:
    """A time that is the same all day (UTC), and at least a day ahead."""
    tomorrow = utc_now().date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC) + timedelta(days=1)


async def _on_disk[T](work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise StorageError("Files cannot be read or stored now.") from error
