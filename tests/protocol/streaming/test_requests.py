"""From an event to what the application sees."""

import json

import pytest

from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi


async def test_a_function_url_event_becomes_a_request(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    event = function_url_event(
        "/request",
        method="POST",
        body="caf\u00e9",
        query="a=1&a=2&b=%20",
        headers={"content-type": "text/plain", "X-Two": "1,2"},
        cookies=["a=1", "b=2"],
    )
    seen = json.loads((await api.offer(event).answered()).payload)
    assert seen["method"] == "POST"
    assert seen["path"] == seen["raw_path"] == "/request"
    assert seen["query"] == "a=1&a=2&b=%20"
    assert seen["headers"]["x-two"] == "1,2"
    assert seen["headers"]["cookie"] == "a=1; b=2"
    assert seen["client"] == ["203.0.113.7", 0]
    assert seen["scheme"] == "https"
    assert seen["body"].encode("latin-1").decode() == "caf\u00e9"
    assert seen["more_body"] is False
    assert seen["event_kept"] is True
    assert seen["asgi"] == {"version": "3.0", "spec_version": "2.4"}


async def test_a_base64_body_arrives_decoded(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    event = function_url_event("/request", method="POST", body=bytes(range(256)))
    seen = json.loads((await api.offer(event).answered()).payload)
    assert seen["body"].encode("latin-1") == bytes(range(256))


async def test_compression_is_not_negotiated(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    event = function_url_event("/request", headers={"Accept-Encoding": "gzip, br"})
    seen = json.loads((await api.offer(event).answered()).payload)
    assert "accept-encoding" not in seen["headers"]


async def test_a_rest_api_event_becomes_a_request(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    event = {
        "resource": "/{proxy+}",
        "path": "/request",
        "httpMethod": "PATCH",
        "headers": {"Host": "id.execute-api.eu-west-1.amazonaws.com"},
        "multiValueHeaders": {
            "Host": ["id.execute-api.eu-west-1.amazonaws.com"],
            "X-Two": ["1", "2"],
        },
        "queryStringParameters": {"a": "2"},
        "multiValueQueryStringParameters": {"a": ["1", "2"]},
        "requestContext": {"identity": {"sourceIp": "203.0.113.9"}, "stage": "prod"},
        "body": "{}",
        "isBase64Encoded": False,
    }
    seen = json.loads((await api.offer(event).answered()).payload)
    assert seen["method"] == "PATCH"
    assert seen["path"] == "/request"
    assert seen["query"] == "a=1&a=2"
    assert seen["headers"]["x-two"] == "1, 2"
    assert seen["client"] == ["203.0.113.9", 0]
    assert seen["body"] == "{}"


async def test_the_context_comes_from_the_headers_and_the_environment(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    client = {"client": {"app_title": "App"}, "custom": {"a": 1}, "env": {"b": 2}}
    identity = {"cognitoIdentityId": "id", "cognitoIdentityPoolId": "pool"}
    invocation = api.offer(
        function_url_event("/context"),
        seconds=20,
        headers={
            "Lambda-Runtime-Client-Context": json.dumps(client),
            "Lambda-Runtime-Cognito-Identity": json.dumps(identity),
            "Lambda-Runtime-Aws-Tenant-Id": "tenant-1",
            "Lambda-Runtime-Trace-Id": "Root=1-2-3;Sampled=1",
        },
    )
    seen = json.loads((await invocation.answered()).payload)
    assert 15_000 < seen.pop("remaining") <= 20_000
    assert seen == {
        "aws_request_id": invocation.request_id,
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:1:function:test",
        "function_name": "test",
        "function_version": "$LATEST",
        "memory_limit_in_mb": 512,
        "log_group_name": "/aws/lambda/test",
        "log_stream_name": "2030/01/01/[$LATEST]0123",
        "tenant_id": "tenant-1",
        "trace_id": "Root=1-2-3;Sampled=1",
        "identity": ["id", "pool"],
        "client": ["App", {"a": 1}, {"b": 2}],
        "current": True,
        "variable": "Root=1-2-3;Sampled=1",
    }


async def test_what_one_invocation_had_the_next_does_not_inherit(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    headers = {"Lambda-Runtime-Aws-Tenant-Id": "tenant-1"}
    await api.offer(function_url_event("/context"), headers=headers).answered()
    invocation = api.offer(function_url_event("/context"))
    del invocation.headers["Lambda-Runtime-Trace-Id"]
    seen = json.loads((await invocation.answered()).payload)
    assert [seen["tenant_id"], seen["identity"], seen["client"]] == [None, None, None]
    assert [seen["trace_id"], seen["variable"]] == [None, None]


async def test_the_invocation_id_is_sent_back(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    headers = {"Lambda-Runtime-Invocation-Id": "invocation-1"}
    for path in ("/hello", "/raise-before"):
        answer = await api.offer(function_url_event(path), headers=headers).answered()
        assert answer.headers["Lambda-Runtime-Invocation-Id"] == "invocation-1"


@pytest.mark.parametrize(
    "event",
    [
        b"not json",
        b"",
        b"[]",
        b'"text"',
        {"source": "aws.events", "detail-type": "Scheduled Event"},
        {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"},
        {"version": "2.0", "requestContext": {}},
        {"version": "2.0", "requestContext": None},
        function_url_event("/hello", method="POST") | {"body": "abc", "isBase64Encoded": True},
        function_url_event("/hello", headers={"host": "a:b:c"}),
    ],
)
async def test_an_event_that_is_no_http_request_is_an_error_and_the_next_is_served(
    api: RuntimeApi, runtime: RuntimeProcess, event: object
) -> None:
    refused = await api.offer(event).answered()
    assert refused.path.endswith("/error")
    assert refused.headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.UnsupportedEvent"
    assert refused.json()["errorType"] == "Runtime.UnsupportedEvent"
    assert "event" in refused.json()["errorMessage"]
    assert (await api.offer(function_url_event("/hello")).answered()).payload == b"hello"


async def test_an_event_of_six_megabytes_arrives_whole(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    text = "0123456789" * 600_000
    for chunked in (False, True):
        api.chunked_events = chunked
        event = function_url_event("/request", method="POST", body=text)
        answer = await api.offer(event).answered()
        assert json.loads(answer.payload)["body"] == text


async def test_events_go_over_one_connection(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    for path in ("/hello", "/raise-before", "/chunks", "/raise-after"):
        await api.offer(function_url_event(path)).answered()
    assert api.connections == 1
    for request in api.requests:
        assert request.headers["User-Agent"].startswith("lambda-streaming")
