"""Errors as they are reported to Lambda."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from lambda_streaming.errors import ErrorReport, NoResponseError

READ_BUFFER = 4096
NAMES = len("Lambda-Runtime-Function-Error-Type: \r\nLambda-Runtime-Function-Error-Body: \r\n\r\n")


def raised(error: Exception) -> ErrorReport:
    try:
        raise error
    except type(error) as caught:
        return ErrorReport.of(caught)


def test_an_error_of_the_application_is_named_after_its_type() -> None:
    report = raised(ValueError("no"))
    assert report.name == "Function.ValueError"
    assert json.loads(report.as_json())["errorType"] == "ValueError"
    assert "in raised" in json.loads(report.as_json())["stackTrace"][-1]


def test_an_error_of_the_runtime_has_a_name_of_its_own() -> None:
    report = raised(NoResponseError("no"))
    assert report.name == report.error_type == "Runtime.NoResponse"


def test_a_name_is_ascii() -> None:
    error_type = type("Größe", (Exception,), {})
    assert raised(error_type("no")).name == "Function.Gre"


@given(st.text(max_size=3000), st.lists(st.text(max_size=800), max_size=40))
def test_a_trailer_fits_whatever_the_error_says(message: str, stack_trace: list[str]) -> None:
    report = ErrorReport("Function.E", "E", message, tuple(stack_trace))
    trailer = report.as_trailer()
    assert NAMES + len(report.name) + len(trailer) < READ_BUFFER
    document = json.loads(base64.b64decode(trailer, validate=True))
    assert message.startswith(document["errorMessage"])
    kept = document["stackTrace"]
    assert kept == stack_trace[len(stack_trace) - len(kept) :]


def test_the_whole_report_keeps_everything() -> None:
    report = ErrorReport("Function.E", "E", "x" * 10_000, ("frame",) * 100)
    document = json.loads(report.as_json())
    assert document == {
        "errorType": "E",
        "errorMessage": "x" * 10_000,
        "stackTrace": ["frame"] * 100,
    }
