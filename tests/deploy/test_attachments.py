"""The bucket of attached files, as its template makes it, and the store that uses it."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from taskchat.attachments.s3 import S3Storage
from taskchat.attachments.storage import StorageError
from tests.deploy.emulated import EmulatedAws, emulated_aws
from tests.support.builds import ROOT
from tests.support.files import WHITEBOARD

PAGE = "https://d1.cloudfront.net"
ELEMENT = "https://cdn.platform.openai.com"
NAME = "unsent/0123456789abcdef0123456789abcdef/atc_1"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    with emulated_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def bucket(aws: EmulatedAws) -> str:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="attachments",
        TemplateBody=(ROOT / "infra/attachments.yaml").read_text(),
        Parameters=[{"ParameterKey": "PageUrl", "ParameterValue": PAGE}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="attachments", WaiterConfig={"Delay": 1}
    )
    (stack,) = cloudformation.describe_stacks(StackName="attachments")["Stacks"]
    (output,) = stack["Outputs"]
    return str(output["OutputValue"])


@pytest.fixture
def storage(aws: EmulatedAws, bucket: str, monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    """The store, with what a function finds in its environment."""
    for name, value in aws.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return S3Storage(bucket)


def put(url: str, content: bytes, mime_type: str) -> int:
    return httpx2.put(url, content=content, headers={"content-type": mime_type}).status_code


async def test_an_upload_is_of_the_signed_type_and_size(storage: S3Storage) -> None:
    content = WHITEBOARD.content
    url = await storage.upload_url(NAME, "image/png", len(content), "")
    assert put(url, content + b"\0", "image/png") == 403
    assert put(url, content, "text/html") == 403
    assert put(url.replace("atc_1", "atc_2"), content, "image/png") == 403
    assert await storage.read(NAME) is None
    assert put(url, content, "image/png") == 200
    assert await storage.read(NAME) == content


async def test_a_picture_is_shown_with_its_type_until_it_is_deleted(storage: S3Storage) -> None:
    name = NAME.replace("unsent/", "sent/")
    await storage.write(name, "image/png", WHITEBOARD.content)
    url = await storage.preview_url(name, "image/png", "")
    shown = httpx2.get(url)
    assert shown.content == WHITEBOARD.content
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"] == "inline"

    await storage.delete([name, "sent/never"])

    assert httpx2.get(url).status_code == 404
    assert await storage.read(name) is None


@pytest.mark.parametrize(
    ("origin", "allowed"), [(ELEMENT, True), (PAGE, True), ("https://evil.example", False)]
)
async def test_the_element_and_the_page_may_upload(
    storage: S3Storage, origin: str, allowed: bool
) -> None:
    asked: dict[str, Any] = {
        "origin": origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type",
    }
    answer = httpx2.options(await storage.upload_url(NAME, "image/png", 1, ""), headers=asked)
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)


@pytest.mark.usefixtures("storage")
async def test_a_store_that_fails_is_unavailable_for_a_moment() -> None:
    missing = S3Storage("no-such-bucket")
    with pytest.raises(StorageError) as refused:
        await missing.write(NAME, "image/png", b"")
    assert refused.value.status == 503
