"""Packages templates and uploads them with their code to a bucket."""

import io
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.advice import explained
from infra.deploy.errors import DeployError

_DELETE_AT_ONCE = 1000
_CODE = "code"
_FOLDERS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
_NOT_THERE = {403, 404}
"""S3 answers 403 for a missing object if the caller may not list the bucket."""

# Options of SAM's that are not used here.
_DEFAULTS: dict[str, Any] = dict.fromkeys(
    ("image_repository", "image_repositories", "kms_key_id", "metadata", "profile"), None
) | {"force_upload": False}


def run(command: list[str], cwd: Path, **variables: str) -> str:
    """Run a program and return its output. Raises `DeployError`, with the output, if it fails."""
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
    """Uploads to one bucket, which must be in the same region as the stacks that read it."""

    def __init__(self, s3: Any, bucket: str, region: str, folder: Path) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._region = region
        self._folder = folder

    def package(self, template: Path, name: str) -> Path:
        """Upload the files that the template refers to; returns the template with their URLs."""
        # `sam package` without its slow start. Only the virtual environment for AWS has samcli.
        from click import ClickException
        from samcli.commands.package.package_context import PackageContext

        packaged = self._folder / f"{name}.json"
        said = io.StringIO()
        try:
            with self._without_what_is_there(template) as remaining, redirect_stdout(said):
                PackageContext(
                    template_file=str(remaining),
                    s3_bucket=self._bucket,
                    s3_prefix=_CODE,
                    region=self._region,
                    output_template_file=str(packaged),
                    use_json=True,
                    no_progressbar=True,
                    on_deploy=True,
                    **_DEFAULTS,
                ).run()
        except ClickException as error:
            reason = error.format_message()
            message = f"{template.name} cannot be packaged: {reason}\n{said.getvalue()}".strip()
            raise explained(message, reason) from error
        return packaged

    @contextmanager
    def _without_what_is_there(self, template: Path) -> Iterator[Path]:
        """Yield the template with S3 URLs for the folders that are already in the bucket.

        SAM would compress each of them before it notices that.
        """
        if template.suffix != ".json":
            yield template
            return
        from samcli.lib.utils.hash import dir_checksum

        document = json.loads(template.read_text(encoding="utf-8"))
        for resource in document["Resources"].values():
            key = _FOLDERS.get(resource["Type"], "")
            path = resource.get("Properties", {}).get(key)
            if isinstance(path, str) and (folder := template.parent / path).is_dir():
                name = f"{_CODE}/{dir_checksum(str(folder))}"
                if self._has(name):
                    resource["Properties"][key] = f"s3://{self._bucket}/{name}"
        # In the template's own folder, because its other paths are relative to that.
        with NamedTemporaryFile("w", dir=template.parent, suffix=".json") as remaining:
            json.dump(document, remaining)
            remaining.flush()
            yield Path(remaining.name)

    def _has(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _NOT_THERE:
                return False
            raise
        return True

    def upload(self, template: Path) -> str:
        """Upload a packaged template; returns its URL."""
        key = f"templates/{template.name}"
        self._s3.upload_file(str(template), self._bucket, key)
        url: str = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}
        )
        return url.partition("?")[0]


def empty_bucket(s3: Any, bucket: str) -> int:
    """Delete all objects with all their versions; returns how many."""
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
