"""Files in an S3 bucket. Browsers upload and load them by presigned URLs."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, override

from taskchat.attachments.disk import end_of_tomorrow
from taskchat.attachments.storage import UPLOAD_SECONDS, FileStorage, StorageError
from taskchat.clock import utc_now

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_AT_ONCE = 1_000
"""How many objects one request can delete."""

_CONNECT_SECONDS = 3
_READ_SECONDS = 15


class S3Storage(FileStorage):
    """A store in a bucket of the function's own region.

    boto3 is imported on first use, in a thread, because the import takes a third of a second and
    most requests do not need it.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @cached_property
    def _client(self) -> "S3Client":
        import boto3.session
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "max_attempts": 3},
        )
        session = boto3.session.Session()
        client = session.client("s3", config=config)
        if ".amazonaws.com" not in client.meta.endpoint_url:
            return client
        # Only with virtual addressing do presigned URLs have the region's host, which responds
        # without a redirect. A browser does not follow redirects in a preflight request.
        virtual = config.merge(Config(s3={"addressing_style": "virtual"}))
        return session.client("s3", config=virtual)

    @override
    async def upload_url(self, name: str, mime_type: str, size: int, host: str) -> str:
        values = {
            "Bucket": self._bucket,
            "Key": name,
            "ContentType": mime_type,
            "ContentLength": size,
        }
        return await _in_s3(
            lambda: self._client.generate_presigned_url(
                "put_object", Params=values, ExpiresIn=UPLOAD_SECONDS
            )
        )

    @override
    async def preview_url(self, name: str, mime_type: str, host: str) -> str:
        values = {
            "Bucket": self._bucket,
            "Key": name,
            "ResponseContentType": mime_type,
            "ResponseContentDisposition": "inline",
        }
        seconds = int((end_of_tomorrow() - utc_now()).total_seconds())
        return await _in_s3(
            lambda: self._client.generate_presigned_url(
                "get_object", Params=values, ExpiresIn=seconds
            )
        )

    @override
    async def read(self, name: str) -> bytes | None:
        def read() -> bytes | None:
            client = self._client
            try:
                return client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
            except client.exceptions.NoSuchKey:
                return None

        return await _in_s3(read)

    @override
    async def write(self, name: str, mime_type: str, content: bytes) -> None:
        await _in_s3(
            lambda: self._client.put_object(
                Bucket=self._bucket, Key=name, Body=content, ContentType=mime_type
            )
        )

    @override
    async def delete(self, names: Sequence[str]) -> None:
        def delete() -> None:
            for first in range(0, len(names), _AT_ONCE):
                objects: list[ObjectIdentifierTypeDef] = [
                    {"Key": name} for name in names[first : first + _AT_ONCE]
                ]
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                )
                if errors := answer.get("Errors"):
                    raise StorageError(f"A file could not be deleted: {errors[0].get('Code')}")

        await _in_s3(delete)


async def _in_s3[T](work: Callable[[], T]) -> T:
    def run() -> T:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return work()
        except (BotoCoreError, ClientError) as error:
            raise StorageError("Files cannot be read or stored now.") from error

    return await asyncio.to_thread(run)
