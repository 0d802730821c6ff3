"""From event to scope, with events as no front door sends them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_streaming.context import LambdaContext
from lambda_streaming.errors import UnsupportedEventError
from lambda_streaming.events import parse_event
from lambda_streaming.settings import FunctionSettings
from tests.support.lambda_runtime import function_url_event

FUNCTION = FunctionSettings("test", "1", 128, "group", "stream")
CONTEXT = LambdaContext.from_headers(
    {"lambda-runtime-aws-request-id": "id", "lambda-runtime-deadline-ms": "1"}, FUNCTION
)

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates, too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)
FIELDS = [
    "version",
    "rawPath",
    "rawQueryString",
    "headers",
    "requestContext",
    "cookies",
    "body",
    "isBase64Encoded",
    "path",
    "httpMethod",
    "resource",
    "multiValueHeaders",
]


def parse(event: Any) -> Any:
    return parse_event(json.dumps(event).encode(), CONTEXT)


@given(JSON)
def test_any_json_is_understood_or_refused(event: Any) -> None:
    with pytest.raises(UnsupportedEventError):
        parse(event)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_an_event_with_any_broken_field_is_understood_or_refused(fields: dict[str, Any]) -> None:
    try:
        request = parse(function_url_event("/") | fields)
    except UnsupportedEventError:
        return
    assert request.scope["type"] == "http"
    assert isinstance(request.body, bytes)


@given(
    path=st.text(max_size=20),
    query=st.text(max_size=20),
    headers=st.dictionaries(st.from_regex(r"X-[a-z]{1,8}", fullmatch=True), st.text(max_size=20)),
    body=st.none() | st.text(max_size=50) | st.binary(max_size=50),
)
def test_a_function_url_event_keeps_what_the_client_sent(
    path: str, query: str, headers: dict[str, str], body: str | bytes | None
) -> None:
    event = function_url_event(
        "/" + path.replace("%", ""), method="POST", query=query, headers=headers, body=body
    )
    request = parse(event)
    expected = body.encode() if isinstance(body, str) else body or b""
    assert request.body == expected
    assert request.scope["query_string"] == query.encode()
    assert request.scope["path"] == event["rawPath"]
    seen = dict(request.scope["headers"])
    for name, value in headers.items():
        assert seen[name.lower().encode()] == value.encode()
    assert b"accept-encoding" not in seen


def test_an_encoded_path_is_decoded_and_kept_as_it_was() -> None:
    scope = parse(function_url_event("/a%20b/caf%C3%A9")).scope
    assert scope["path"] == "/a b/caf\u00e9"
    assert scope["raw_path"] == b"/a%20b/caf%C3%A9"


@pytest.mark.parametrize(
    "event",
    [
        {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/"},
        {"requestContext": {"connectionId": "a", "routeKey": "$connect"}},
        {"Records": [{"cf": {"request": {}}}]},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {"warmup": True},
    ],
)
def test_an_event_that_cannot_be_answered_by_a_stream_is_refused(event: Any) -> None:
    with pytest.raises(UnsupportedEventError, match="not an HTTP request"):
        parse(event)
