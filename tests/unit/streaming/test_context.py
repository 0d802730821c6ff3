"""The context of an invocation."""

import time

import pytest

from lambda_streaming.context import ClientContext, LambdaContext, MobileClient
from lambda_streaming.settings import FunctionSettings

FUNCTION = FunctionSettings("test", "1", 128, "group", "stream")


def context(deadline_ms: int) -> LambdaContext:
    headers = {
        "lambda-runtime-aws-request-id": "id",
        "lambda-runtime-deadline-ms": str(deadline_ms),
    }
    return LambdaContext.from_headers(headers, FUNCTION)


def test_the_time_that_remains_is_never_negative() -> None:
    assert context(0).get_remaining_time_in_millis() == 0


def test_the_time_that_remains_counts_down_to_the_deadline() -> None:
    remaining = context(int(time.time() * 1000) + 60_000).get_remaining_time_in_millis()
    assert 50_000 < remaining <= 60_000


@pytest.mark.parametrize("headers", [{}, {"lambda-runtime-aws-request-id": "id"}])
def test_headers_without_an_invocation_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        LambdaContext.from_headers(headers, FUNCTION)


def test_a_client_context_may_lack_anything() -> None:
    assert ClientContext.from_json("{}") == ClientContext(None, None, None)
    assert ClientContext.from_json("[]") == ClientContext(None, None, None)
    assert ClientContext.from_json("no JSON") == ClientContext(None, None, None)
    partial = ClientContext.from_json('{"client": {"app_title": "A"}, "custom": {"a": 1}}')
    assert partial == ClientContext(MobileClient(None, "A", None, None, None), {"a": 1}, None)
