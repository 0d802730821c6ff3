"""Uploads the page, each file with its cache headers."""

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from infra.deploy.errors import DeployError

# Built files carry a hash of their content in their name; the rest may change at any deployment.
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_CONFIGURATION = "config.json"


def upload_page(s3: Any, bucket: str, dist: Path, configuration: Mapping[str, object]) -> int:
    """Upload the changed files of the built page and `config.json`; returns their number.

    `index.html` comes last, so that it never refers to missing files. Old files stay, because open
    pages load parts of themselves later.
    """
    files = {
        path.relative_to(dist).as_posix(): path.read_bytes()
        for path in dist.rglob("*")
        if path.is_file() and path.name[0] != "."
    }
    if "index.html" not in files:
        raise DeployError(f"There is no page in {dist}.", "make frontend-build")
    files[_CONFIGURATION] = json.dumps(configuration).encode()
    there = _checksums(s3, bucket)
    changed = [name for name, body in files.items() if there.get(name) != _checksum(body)]
    for name in sorted(changed, key=lambda name: name.endswith(".html")):
        _put(s3, bucket, name, files[name])
    return len(changed)


def _checksum(body: bytes) -> str:
    """Return the ETag of an object that S3 encrypts with its own keys."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _checksums(s3: Any, bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}


def invalidate(cloudfront: Any, distribution: str) -> None:
    """Make CloudFront refetch the files whose names have no hash."""
    cloudfront.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": 3, "Items": ["/", "/index.html", f"/{_CONFIGURATION}"]},
            "CallerReference": uuid4().hex,
        },
    )


def _put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    content_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
    if content_type.startswith("text/") or content_type.endswith(("javascript", "json")):
        content_type += "; charset=utf-8"
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType=content_type,
        CacheControl=_IMMUTABLE if key.startswith("assets/") else _REVALIDATE,
    )
