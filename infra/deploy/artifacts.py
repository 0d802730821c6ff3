"""The bucket for templates and code, and what `sam package` puts there."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from infra.deploy.advice import explained
from infra.deploy.errors import DeployError

_DELETE_AT_ONCE = 1000


def run(command: list[str], cwd: Path, **variables: str) -> str:
    """The output of a program that is part of the deployment. Raises `DeployError` with it."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise explained(f"{' '.join(command[:3])} failed:\n{tail}", tail)
    return done.stdout


class Artifacts:
    """Uploads to one bucket, in whose region the stacks are that read it."""

    def __init__(self, s3: Any, bucket: str, region: str, folder: Path) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._region = region
        self._folder = folder

    def package(self, template: Path, name: str) -> Path:
        """Upload all that the template refers to by path; returns it as it refers to that."""
        packaged = self._folder / f"{name}.json"
        sam = Path(sys.executable).parent / "sam"
        run(
            [
                *(str(sam), "package", "--template-file", str(template), "--use-json"),
                *("--s3-bucket", self._bucket, "--s3-prefix", "code", "--region", self._region),
                *("--output-template-file", str(packaged), "--no-progressbar"),
            ],
            cwd=self._folder,
            SAM_CLI_TELEMETRY="0",
        )
        return packaged

    def upload(self, template: Path) -> str:
        """Upload a template that was packaged; returns its URL."""
        key = f"templates/{template.name}"
        self._s3.upload_file(str(template), self._bucket, key)
        url: str = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}
        )
        return url.partition("?")[0]


def empty_bucket(s3: Any, bucket: str) -> int:
    """Delete every object and every version of it; returns how many."""
    count = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in versions]
            for some in _batches(keys):
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
                for failure in answer.get("Errors", []):
                    raise DeployError(f"{bucket}/{failure['Key']}: {failure['Message']}")
            count += len(keys)
    except s3.exceptions.NoSuchBucket:
        return 0
    return count


def _batches(keys: list[dict[str, str]]) -> Iterable[list[dict[str, str]]]:
    for start in range(0, len(keys), _DELETE_AT_ONCE):
        yield keys[start : start + _DELETE_AT_ONCE]
