"""Under ``sam local``, which cannot take a streamed response."""

import base64
import json

import pytest

from tests.protocol.streaming.conftest import StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi


@pytest.fixture
async def runtime(start_runtime: StartRuntime) -> RuntimeProcess:
    return await start_runtime(AWS_SAM_LOCAL="true")


async def test_the_response_is_one_readable_document(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/chunks", query="3,0.05")).answered()
    assert "Lambda-Runtime-Function-Response-Mode" not in answer.headers
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert document.pop("body").count(";") == 3
    assert document == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain"},
        "isBase64Encoded": False,
    }


async def test_cookies_stand_apart(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    answer = await api.offer(function_url_event("/headers")).answered()
    assert answer.json()["statusCode"] == 201
    assert answer.json()["cookies"] == ["a=1; Path=/; HttpOnly", "b=2"]
    assert answer.json()["headers"]["vary"] == "Origin,Cookie"


async def test_a_body_that_is_no_text_is_base64(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    answer = await api.offer(function_url_event("/compressed")).answered()
    assert answer.json()["isBase64Encoded"] is True
    assert base64.b64decode(answer.json()["body"]) == b"\x1f\x8b"


async def test_an_empty_body_is_empty(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    answer = await api.offer(function_url_event("/empty", query="204")).answered()
    assert answer.json()["statusCode"] == 204
    assert answer.json()["body"] == ""


@pytest.mark.parametrize("path", ["/raise-before", "/raise-after"])
async def test_an_error_is_reported_also_after_the_start(
    api: RuntimeApi, runtime: RuntimeProcess, path: str
) -> None:
    answer = await api.offer(function_url_event(path)).answered()
    assert answer.path.endswith("/error")
    assert answer.json()["errorType"] == "AppError"


async def test_the_deadline_is_a_504(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    answer = await api.offer(function_url_event("/stuck"), seconds=1).answered()
    assert answer.json()["statusCode"] == 504
    assert "ran out of time" in answer.json()["body"]
    assert json.loads(answer.body)["headers"] == {"content-type": "text/plain; charset=utf-8"}
