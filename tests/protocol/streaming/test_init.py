"""How an environment starts, or says why it does not."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.protocol.streaming.conftest import CODE, TASK_ROOT, StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event, lambda_environment
from tests.support.runtime_api import RuntimeApi


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("nothing", "Runtime.MalformedHandlerName", "module.attribute"),
        ("", "Runtime.MalformedHandlerName", "module.attribute"),
        ("no.such.module", "Runtime.ImportModuleError", "no"),
        (f"{CODE}.applications.missing", "Runtime.HandlerNotFound", "missing"),
        (f"{CODE}.applications.not_an_application", "Runtime.InvalidHandler", "ASGI 3"),
        (f"{CODE}.applications.takes_nothing", "Runtime.InvalidHandler", "ASGI 3"),
        (f"{CODE}.applications.broken_factory", "Function.AppError", "a setting is missing"),
    ],
)
async def test_a_handler_that_is_none_is_a_failed_init(
    api: RuntimeApi, start_runtime: StartRuntime, handler: str, error_type: str, message: str
) -> None:
    runtime = await start_runtime(handler)
    assert await runtime.exit_code() == 1
    [report] = api.requests
    assert report.path == "/2018-06-01/runtime/init/error"
    assert report.headers["Lambda-Runtime-Function-Error-Type"] == error_type
    assert list(report.json()) == ["errorType", "errorMessage", "stackTrace"]
    assert message in report.json()["errorMessage"]
    assert message in runtime.text


async def test_code_with_a_syntax_error_is_a_failed_init(
    api: RuntimeApi, start_runtime: StartRuntime, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("def handler(:\n")
    runtime = await start_runtime("broken.handler", LAMBDA_TASK_ROOT=str(tmp_path))
    assert await runtime.exit_code() == 1
    [report] = api.requests
    assert report.json()["errorType"] == "Runtime.UserCodeSyntaxError"


@pytest.mark.parametrize(
    "handler", [f"{CODE}.applications.factory", "tests/protocol/streaming/applications.factory"]
)
async def test_a_factory_is_called_once(
    api: RuntimeApi, start_runtime: StartRuntime, handler: str
) -> None:
    runtime = await start_runtime(handler)
    for number in range(2):
        answer = await api.offer(function_url_event()).answered()
        assert json.loads(answer.payload)["log"] == ["made", "startup"] + ["request"] * (number + 1)
    assert runtime.text.count("factory called") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_LAMBDA_MAX_CONCURRENCY", "many"), ("AWS_LAMBDA_MAX_CONCURRENCY", "0")],
)
async def test_a_wrong_variable_stops_the_start_and_is_named(
    start_runtime: StartRuntime, variable: str, value: str
) -> None:
    runtime = await start_runtime(**{variable: value})
    assert await runtime.exit_code() == 1
    assert variable in runtime.text


async def test_the_exec_wrapper_puts_the_runtime_in_the_place_of_the_managed_one(
    api: RuntimeApi, tmp_path: Path
) -> None:
    """As Lambda calls it: the interpreter and the managed runtime's script are its arguments."""
    layer = tmp_path / "opt"
    source = TASK_ROOT / "layers" / "streaming"
    shutil.copytree(source / "src", layer / "python")
    shutil.copy(source / "bin" / "lambda-streaming", layer)
    process = await asyncio.create_subprocess_exec(
        layer / "lambda-streaming",
        sys.executable,
        "/var/runtime/bootstrap.py",
        cwd=tmp_path,
        env=lambda_environment(api.address, f"{CODE}.applications.routes", TASK_ROOT),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    runtime = RuntimeProcess(process)
    try:
        answer = await api.offer(function_url_event("/module")).answered()
        assert answer.payload.decode() == str(layer / "python" / "lambda_streaming" / "cycle.py")
    finally:
        await runtime.kill()
