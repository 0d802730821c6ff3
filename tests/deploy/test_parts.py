"""What `make deploy` does beside CloudFormation, against the emulator's services."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.artifacts import empty_bucket
from infra.deploy.errors import DeployError
from infra.deploy.inputs import ModelKey, ask_first_user, invite
from infra.deploy.page import upload_page
from tests.deploy.emulated import REGION, EmulatedAws


@pytest.fixture
def bucket(aws: EmulatedAws) -> Iterator[str]:
    """A bucket that keeps old versions."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="page", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="page", VersioningConfiguration={"Status": "Enabled"})
    yield "page"
    empty_bucket(s3, "page")
    s3.delete_bucket(Bucket="page")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page as it is built."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-0a1b2c.js").write_text("1")
    (tmp_path / "index.html").write_text("<title>Taskchat</title>")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / ".built").touch()
    return tmp_path


def test_files_are_kept_by_browsers_for_as_long_as_they_stay_the_same(
    aws: EmulatedAws, bucket: str, page: Path
) -> None:
    s3 = aws.client("s3")

    assert upload_page(s3, bucket, page, {"oidc": {"issuer": "https://x"}}) == 3
    assert upload_page(s3, bucket, page, {"oidc": {"issuer": "https://x"}}) == 0

    heads = {
        item["Key"]: s3.head_object(Bucket=bucket, Key=item["Key"])
        for item in s3.list_objects_v2(Bucket=bucket)["Contents"]
    }
    assert {key: (head["ContentType"], head["CacheControl"]) for key, head in heads.items()} == {
        "assets/index-0a1b2c.js": (
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        "config.json": ("application/json; charset=utf-8", "no-cache"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
    }
    assert upload_page(s3, bucket, page, {"oidc": {"issuer": "https://y"}}) == 1
    configuration = s3.get_object(Bucket=bucket, Key="config.json")["Body"].read()
    assert configuration == b'{"oidc": {"issuer": "https://y"}}'


def test_a_page_that_was_not_built_is_not_uploaded(
    aws: EmulatedAws, bucket: str, tmp_path: Path
) -> None:
    with pytest.raises(DeployError) as told:
        upload_page(aws.client("s3"), bucket, tmp_path, {})

    assert told.value.advice == "make frontend-build"


def test_every_version_of_every_object_goes(aws: EmulatedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="a", Body=body)
    s3.delete_object(Bucket=bucket, Key="a")

    assert empty_bucket(s3, bucket) == 3
    assert empty_bucket(s3, bucket) == 0
    assert empty_bucket(s3, "there-is-no-such-bucket") == 0


def test_the_models_key_is_asked_for_once(
    aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = aws.client("secretsmanager")
    key = ModelKey(client, "stack", {"project": "taskchat"})
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(DeployError, match="nobody is here to answer"):
        key.ensure()

    monkeypatch.setenv("GEMINI_API_KEY", "first")
    arn = key.ensure()
    monkeypatch.delenv("GEMINI_API_KEY")
    version = key.version()
    assert key.ensure() == arn
    assert key.version() == version

    monkeypatch.setenv("GEMINI_API_KEY", "second")
    assert key.ensure() == arn
    assert key.version() != version
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "second"

    assert key.delete()
    assert not key.delete()
    assert not key.exists()
    assert key.ensure() != arn
    key.delete()


def test_the_first_user_is_invited_and_nobody_after(
    aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    cognito = aws.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])
    pool_id = pool["UserPool"]["Id"]
    monkeypatch.setenv("FIRST_USER", "nobody")
    with pytest.raises(DeployError, match="is not an e-mail address"):
        ask_first_user(cognito, pool_id)

    monkeypatch.setenv("FIRST_USER", "alice@example.com")
    email = ask_first_user(cognito, pool_id)
    invite(cognito, pool_id, email)

    (user,) = cognito.list_users(UserPoolId=pool_id)["Users"]
    attributes = {item["Name"]: item["Value"] for item in user["Attributes"]}
    assert (attributes["email"], attributes["email_verified"]) == (email, "true")
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert ask_first_user(cognito, pool_id) == ""
    cognito.delete_user_pool(UserPoolId=pool_id)
