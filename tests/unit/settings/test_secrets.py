"""Secrets from Secrets Manager, played by a loopback server."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aws_lambda_powertools.utilities.parameters.constants import DEFAULT_PROVIDERS

from functions.observability import configure_logs
from taskchat.errors import SettingsError
from taskchat.secrets import read_secret

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"


class SecretsManager(BaseHTTPRequestHandler):
    """Keeps the secrets `key` (text) and `binary`, and counts how often it is asked."""

    asked: list[str]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = request["SecretId"].rpartition(":")[2]
        self.asked.append(name)
        answers = {"key": {"SecretString": "s3cret"}, "binary": {"SecretBinary": "AAEC"}}
        missing = {"__type": "ResourceNotFoundException", "message": "there is none\nindeed"}
        body = json.dumps(answers.get(name, missing)).encode()
        self.send_response(200 if name in answers else 400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    class Handler(SecretsManager):
        asked: list[str] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    DEFAULT_PROVIDERS.clear()
    yield Handler.asked
    DEFAULT_PROVIDERS.clear()
    server.shutdown()
    thread.join()
    server.server_close()


def test_reads_a_secret_and_keeps_it(asked: list[str]) -> None:
    assert read_secret(ARN + "key") == read_secret(ARN + "key") == "s3cret"
    assert asked == ["key"]


@pytest.mark.parametrize("name", ["missing", "binary"])
def test_says_in_one_line_which_secret_fails(asked: list[str], name: str) -> None:
    with pytest.raises(SettingsError) as failure:
        read_secret(ARN + name)
    assert ARN + name in str(failure.value)
    assert "\n" not in str(failure.value)


def test_says_so_where_aws_cannot_be_reached(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(SettingsError):
        read_secret(ARN + "key")


def test_says_so_where_no_region_is_set(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    with pytest.raises(SettingsError):
        read_secret("key")


@pytest.mark.usefixtures("asked")
def test_no_secret_is_logged_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    configure_logs()

    assert read_secret(f"{ARN}key") == "s3cret"

    assert "s3cret" not in caplog.text
