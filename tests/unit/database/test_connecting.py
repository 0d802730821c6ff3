from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from taskchat import secrets
from taskchat.database.connecting import connection_parameters
from taskchat.errors import DatabaseError
from taskchat.settings import DatabaseSettings

ON_AWS = DatabaseSettings(
    host="db.example.org", port=5433, user="app", auth="iam", sslrootcert="/opt/rds.pem"
)
WITH_SECRET = ON_AWS.model_copy(update={"auth": "secret", "secret_arn": "arn:aws:secret"})


async def test_a_url_is_taken_as_it_is_with_sessions_in_utc() -> None:
    url = "postgresql://me:pw@localhost:6543/mine?connect_timeout=9&options=-c%20work_mem%3D8MB"
    parameters = await connection_parameters(DatabaseSettings(url=SecretStr(url)))
    assert parameters["host"] == "localhost"
    assert parameters["password"] == "pw"
    assert parameters["connect_timeout"] == "9"
    assert parameters["options"] == "-c work_mem=8MB -c timezone=UTC"


async def test_on_aws_the_server_must_prove_who_it_is_and_gets_no_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets, "read_secret", lambda _: '{"username": "u", "password": "p"}')
    parameters = await connection_parameters(WITH_SECRET)
    assert parameters["sslmode"] == "verify-full"
    assert parameters["sslrootcert"] == "/opt/rds.pem"
    assert (parameters["host"], parameters["port"]) == ("db.example.org", 5433)
    assert "options" not in parameters


async def test_a_peer_that_vanished_is_noticed_within_seconds() -> None:
    parameters = await connection_parameters(DatabaseSettings(url=SecretStr("postgresql://h/d")))
    assert parameters["connect_timeout"] == 3
    assert parameters["tcp_user_timeout"] == 3000


async def test_the_password_by_iam_is_a_token_signed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    parameters = await connection_parameters(ON_AWS)
    token = urlsplit(f"https://{parameters['password']}")
    query = parse_qs(token.query)
    assert parameters["user"] == "app"
    assert token.netloc == "db.example.org:5433"
    assert query["DBUser"] == ["app"]
    assert query["X-Amz-Expires"] == ["900"]
    assert "/eu-central-1/rds-db/" in query["X-Amz-Credential"][0]


async def test_the_password_from_a_secret_is_read_for_each_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def read_secret(arn: str) -> str:
        asked.append(arn)
        return f'{{"username": "rotated", "password": "{len(asked)}"}}'

    monkeypatch.setattr(secrets, "read_secret", read_secret)
    passwords = [(await connection_parameters(WITH_SECRET))["password"] for _ in range(2)]
    assert passwords == ["1", "2"]
    assert asked == ["arn:aws:secret"] * 2


@pytest.mark.parametrize("secret", ["plain", "{}", "[]", '{"username": "u"}'])
async def test_a_secret_of_another_form_is_told_without_its_content(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setattr(secrets, "read_secret", lambda _: secret)
    with pytest.raises(DatabaseError, match="not JSON with username and password"):
        await connection_parameters(WITH_SECRET)
