"""The preflight finds what does not answer, and says what to change."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

from infra.preflight import preflight

KEY = "the-key"
Answers = dict[str, tuple[int, Any]]


@contextmanager
def serving(answers: Answers, received: list[tuple[str, str, bytes]]) -> Iterator[str]:
    """Answers each path as told, and keeps what came."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            received.append((self.path, self.headers.get("authorization", ""), body))
            status, document = answers.get(self.path, (404, {}))
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def received() -> list[tuple[str, str, bytes]]:
    return []


@pytest.fixture
def answers() -> Answers:
    """Everything is well."""
    return {
        "/v1/models": (200, {"data": []}),
        "/keys": (200, {"keys": [{"kid": "1"}]}),
        "/": (200, {"SecretString": KEY}),
        "/answer": (200, {}),
    }


@pytest.fixture
def url(
    answers: Answers,
    received: list[tuple[str, str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    with serving(answers, received) as url:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield url


def properties(url: str, **more: str) -> dict[str, str]:
    return {
        "ModelUrl": f"{url}/v1/",
        "ModelKeySecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key",
        "KeySetUrl": f"{url}/keys",
        "Egress": "Ipv6",
        **more,
    }


def test_nothing_is_found_where_everything_answers(
    url: str, received: list[tuple[str, str, bytes]]
) -> None:
    assert preflight.faults(properties(url)) == []
    assert ("/v1/models", f"Bearer {KEY}", b"") in received


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/v1/models", (401, {}), "The model refuses the key (HTTP 401)."),
        ("/v1/models", (400, [{"error": {"message": "API key not valid"}}]), "refuses the key"),
        (
            "/v1/models",
            (400, [{"error": {"message": "User location is not supported"}}]),
            "does not serve this location",
        ),
        ("/v1/models", (503, {}), "HTTP 503"),
        ("/keys", (500, {}), "key set"),
        ("/keys", (200, {"keys": []}), "has no keys"),
        ("/", (400, {"__type": "ResourceNotFoundException"}), "Secrets Manager"),
    ],
)
def test_each_fault_is_told_with_what_to_change(
    path: str, answer: tuple[int, Any], said: str, url: str, answers: Answers
) -> None:
    answers[path] = answer
    found = preflight.faults(properties(url))

    assert any(said in fault for fault in found)
    assert found[-1] == "If a host has no IPv6, deploy with Egress=NatGateway."


def test_a_host_that_cannot_be_reached_is_a_fault(url: str) -> None:
    found = preflight.faults(properties(url, ModelUrl="http://127.0.0.1:9/", Egress="NatGateway"))

    assert len(found) == 1
    assert found[0].startswith("The model at http://127.0.0.1:9/models:")


def test_a_server_that_does_not_list_its_models_will_do(url: str, answers: Answers) -> None:
    del answers["/v1/models"]

    assert preflight.faults(properties(url)) == []


@pytest.mark.parametrize(
    ("kind", "model", "status"),
    [("Create", 200, "SUCCESS"), ("Create", 403, "FAILED"), ("Delete", 403, "SUCCESS")],
)
def test_cloudformation_is_answered_in_every_case(
    kind: str,
    model: int,
    status: str,
    url: str,
    answers: Answers,
    received: list[tuple[str, str, bytes]],
) -> None:
    answers["/v1/models"] = (model, {})
    event = {
        "RequestType": kind,
        "ResponseURL": f"{url}/answer",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Preflight",
        "ResourceProperties": properties(url),
    }
    preflight.handler(event, None)

    path, _, body = received[-1]
    assert path == "/answer"
    answer = json.loads(body)
    assert answer["Status"] == status
    assert KEY not in body.decode()
