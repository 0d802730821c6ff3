"""A request becomes the event that a function URL makes of it (payload format 2.0)."""

import json

import pytest

from tests.protocol.emulator.conftest import Emulate

ECHO = """
    import json

    def handler(event, context):
        return {"statusCode": 200, "body": json.dumps({
            "event": event,
            "function": context.function_name,
            "remaining": context.get_remaining_time_in_millis(),
            "request_id": context.aws_request_id,
        })}
"""


async def test_an_event_has_all_that_the_request_had(emulate_buffered: Emulate) -> None:
    async with emulate_buffered(ECHO) as served:
        response = await served.client.post(
            "/a%20path?x=1&x=2&empty=",
            json={"text": "grüße"},
            headers=[("X-Custom", "one"), ("X-Custom", "two"), ("Cookie", "a=1; b=2")],
            timeout=30,
        )
    echo = response.json()
    event = echo["event"]

    assert event["version"] == "2.0"
    assert event["rawPath"] == "/a%20path"
    assert event["rawQueryString"] == "x=1&x=2&empty="
    assert event["queryStringParameters"] == {"x": "1,2", "empty": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-custom"] == "one,two"
    assert "cookie" not in event["headers"]
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["http"]["path"] == "/a path"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert json.loads(event["body"]) == {"text": "grüße"}
    assert event["isBase64Encoded"] is False
    assert echo["request_id"] == response.headers["x-amzn-requestid"]
    assert echo["function"] == "Tiny"
    assert 15_000 < echo["remaining"] <= 20_000


@pytest.mark.parametrize(
    ("content_type", "body", "expected", "encoded"),
    [
        ("text/plain", b"text", "text", False),
        ("application/json", b"\xff", "/w==", True),
        ("application/octet-stream", b"text", "dGV4dA==", True),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", True),
    ],
)
async def test_a_body_that_is_not_text_is_in_base64(
    emulate_buffered: Emulate, content_type: str, body: bytes, expected: str, encoded: bool
) -> None:
    async with emulate_buffered(ECHO) as served:
        response = await served.client.post(
            "/", content=body, headers={"content-type": content_type}
        )
    event = response.json()["event"]

    assert (event["body"], event["isBase64Encoded"]) == (expected, encoded)


async def test_a_request_over_6_mb_never_reaches_the_function(
    emulate_buffered: Emulate,
) -> None:
    async with emulate_buffered(ECHO) as served:
        response = await served.client.post("/", content=bytes(6 * 1024 * 1024 + 1))
        pids = served.function.pids

    assert response.status_code == 413
    assert pids == []


async def test_a_buffered_answer_may_have_all_forms_of_the_payload(
    emulate_buffered: Emulate,
) -> None:
    source = """
        def handler(event, context):
            return {
                "/text": "a string",
                "/document": {"any": "document"},
                "/binary": {"statusCode": 201, "body": "AAH/", "isBase64Encoded": True,
                            "headers": {"Content-Type": "image/png", "X-Number": 7}},
                "/cookies": {"statusCode": 204, "cookies": ["a=1", "b=2"]},
                "/nonsense": {"statusCode": "often"},
                "/large": "x" * 7_000_000,
            }[event["rawPath"]]
    """
    async with emulate_buffered(source) as served:
        text = await served.client.get("/text")
        document = await served.client.get("/document")
        binary = await served.client.get("/binary")
        cookies = await served.client.get("/cookies")
        nonsense = await served.client.get("/nonsense")
        large = await served.client.get("/large")
        again = await served.client.head("/text")

    assert text.text == "a string"
    assert document.json() == {"any": "document"}
    assert document.headers["content-type"] == "application/json"
    assert (binary.status_code, binary.content) == (201, b"\x00\x01\xff")
    assert (binary.headers["content-type"], binary.headers["x-number"]) == ("image/png", "7")
    assert binary.headers["content-length"] == "3"
    assert cookies.status_code == 204
    assert cookies.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert nonsense.status_code == 502
    assert large.status_code == 502
    assert (again.status_code, again.content) == (200, b"")


async def test_a_name_that_is_not_allowed_is_refused(emulate_buffered: Emulate) -> None:
    async with emulate_buffered(ECHO) as served:
        refused = await served.client.get("/", headers={"Host": "rebound.example"}, timeout=30)
        allowed = await served.client.get("/", headers={"Host": "localhost:80"}, timeout=30)
    assert (refused.status_code, allowed.status_code) == (403, 200)
