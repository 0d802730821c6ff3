"""The URLs at which browsers talk to the bucket; none of them takes the network to make."""

from urllib.parse import parse_qs, urlsplit

import pytest

from taskchat.attachments.s3 import S3Storage

NAME = "unsent/0123456789abcdef0123456789abcdef/atc_1"


@pytest.fixture(params=["us-east-1", "eu-central-1"])
def region(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return str(request.param)


@pytest.mark.parametrize("dualstack", ["true", "false"])
async def test_an_upload_is_for_one_file_type_and_size_in_the_buckets_region(
    region: str, dualstack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", dualstack)

    url = urlsplit(await S3Storage("files").upload_url(NAME, "image/png", 123, "here"))

    assert url.scheme == "https"
    # Without a region in it, the host is that of us-east-1.
    own = {
        "true": f"dualstack.{region}.",
        "false": "" if region == "us-east-1" else f"{region}.",
    }
    assert url.hostname == f"files.s3.{own[dualstack]}amazonaws.com"
    assert url.path == f"/{NAME}"
    query = parse_qs(url.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert query["X-Amz-Expires"] == ["900"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


async def test_another_size_or_type_is_another_signature(region: str) -> None:
    storage = S3Storage("files")
    urls = [
        await storage.upload_url(NAME, mime_type, size, "here")
        for mime_type, size in (("image/png", 1), ("image/png", 2), ("text/plain", 1))
    ]
    signatures = {parse_qs(urlsplit(url).query)["X-Amz-Signature"][0] for url in urls}
    assert len(signatures) == 3


async def test_a_preview_is_shown_as_the_picture_that_it_is(region: str) -> None:
    url = await S3Storage("files").preview_url(NAME, "image/png", "here")
    query = parse_qs(urlsplit(url).query)
    assert query["response-content-type"] == ["image/png"]
    assert query["response-content-disposition"] == ["inline"]
    assert 24 * 3600 <= int(query["X-Amz-Expires"][0]) <= 48 * 3600
