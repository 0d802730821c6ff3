"""The function as Lambda calls it: one process, one event after the other."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt

SECRET = "a-secret-of-thirty-two-bytes-and-more"
ROOT = Path(__file__).parents[3]

# What awslambdaric does, as far as the handler can tell: the events come on standard input.
RUNTIME = """
import json, logging, sys
import functions.api.app
logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))
for line in sys.stdin:
    print(json.dumps(functions.api.app.handler(json.loads(line), None)), flush=True)
"""


def event(method: str, path: str, body: str | None = None, **headers: str) -> dict[str, Any]:
    """A function URL's event, payload format 2.0."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "abc.lambda-url.eu-central-1.on.aws", **headers},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.1"}},
        "body": body,
        "isBase64Encoded": False,
    }


def invoke(
    environment: dict[str, str], *events: dict[str, Any]
) -> tuple[list[dict[str, Any]], str, int]:
    """The answers, what was logged, and the exit status."""
    finished = subprocess.run(
        [sys.executable, "-c", RUNTIME],
        input="".join(json.dumps(one) + "\n" for one in events),
        env={"PATH": "/usr/bin:/bin", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answers = [json.loads(line) for line in finished.stdout.splitlines()]
    return answers, finished.stderr, finished.returncode


def test_serves_one_event_after_the_other(database_url: str) -> None:
    token = jwt.encode({"sub": "alice", "exp": int(time.time()) + 600}, SECRET)
    cookie = {"cookie": f"auth_token={token}"}
    answers, log, status = invoke(
        {"DATABASE_URL": database_url, "JWT_SECRET": SECRET},
        event("GET", "/readyz"),
        event("POST", "/api/session", authorization=f"Bearer {token}"),
        event("POST", "/api/tasks", '{"title": "Call mom"}', **cookie),
        event("GET", "/api/tasks", **cookie),
        event("GET", "/api/tasks/tsk_0", **cookie, **{"x-request-id": "trace-1"}),
    )
    assert status == 0, log
    assert [answer["statusCode"] for answer in answers] == [200, 200, 201, 200, 404]
    assert answers[1]["cookies"][0].startswith(f"auth_token={token};")
    assert json.loads(answers[3]["body"])["tasks"][0]["title"] == "Call mom"
    assert not answers[4]["isBase64Encoded"]
    assert json.loads(answers[4]["body"])["request_id"] == "trace-1"


def test_logs_a_failure_as_json_with_the_requests_id() -> None:
    answers, log, _ = invoke(
        {"DATABASE_URL": "postgresql://u@127.0.0.1:1/none", "JWT_SECRET": SECRET},
        event("GET", "/readyz", **{"x-request-id": "trace-2"}),
    )
    assert answers[0]["statusCode"] == 503
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["request_id"] for line in lines if "/readyz failed" in line["message"]] == [
        "trace-2"
    ]


def test_a_missing_setting_stops_the_start_with_its_name() -> None:
    answers, log, status = invoke({"JWT_SECRET": SECRET}, event("GET", "/healthz"))
    assert (answers, status) == ([], 1)
    assert "DATABASE_URL is not set" in log.splitlines()[-1]
