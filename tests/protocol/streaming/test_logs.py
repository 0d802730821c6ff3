"""Log lines as Lambda's logging configuration wants them."""

import json
import os
import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.protocol.streaming.conftest import StartRuntime
from tests.support.lambda_runtime import function_url_event
from tests.support.runtime_api import RuntimeApi


async def run(api: RuntimeApi, start_runtime: StartRuntime, **environment: str) -> tuple[str, str]:
    """The request id of an invocation that logs, and what came on stdout and stderr."""
    runtime = await start_runtime(**environment)
    invocation = api.offer(function_url_event("/logs"))
    await invocation.answered()
    runtime.terminate()
    await runtime.exit_code()
    return invocation.request_id, runtime.text


async def test_text_lines_have_level_time_and_request_id(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    request_id, text = await run(api, start_runtime)
    printed, warning, error, from_thread = text.rstrip("\n").split("\n")
    assert printed == "printed"
    time_pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(
        rf"\[WARNING\]\t{time_pattern}\t{request_id}\ttwo", warning.partition("\r")[0]
    )
    assert f"{request_id}\tan error of ours\rTraceback" in error
    assert error.endswith("é")
    assert from_thread.endswith(f"{request_id}\tfrom a thread")


@pytest.mark.parametrize(
    ("level", "count"), [("TRACE", 5), ("DEBUG", 5), ("INFO", 4), ("ERROR", 2), ("FATAL", 0)]
)
async def test_the_level_is_the_configured_one(
    api: RuntimeApi, start_runtime: StartRuntime, level: str, count: int
) -> None:
    _, text = await run(
        api, start_runtime, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL=level
    )
    records = [json.loads(line) for line in text.splitlines() if line != "printed"]
    assert len([record for record in records if record["logger"] == "applications"]) == count


async def test_json_lines_have_lambdas_fields(api: RuntimeApi, start_runtime: StartRuntime) -> None:
    headers = {"Lambda-Runtime-Aws-Tenant-Id": "tenant-1"}
    runtime = await start_runtime(AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="WARN")
    invocation = api.offer(function_url_event("/logs"), headers=headers)
    await invocation.answered()
    runtime.terminate()
    await runtime.exit_code()
    printed, *lines = runtime.text.splitlines()
    assert printed == "printed"
    warning, error, from_thread = [json.loads(line) for line in lines]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", warning.pop("timestamp"))
    assert warning == {
        "level": "WARNING",
        "message": "two\nlines",
        "logger": "applications",
        "requestId": invocation.request_id,
        "tenantId": "tenant-1",
        "order": 7,
    }
    assert error["message"] == "an error of ours"
    assert error["errorType"] == "AppError"
    assert error["errorMessage"].startswith("no luck")
    assert "in fail_deep" in error["stackTrace"][-1]
    assert ":logs:" in error["location"]
    assert from_thread["requestId"] == invocation.request_id


@contextmanager
def telemetry_pipe() -> Iterator[tuple[int, Any]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        yield writing, reader


def read_frames(data: bytes) -> list[tuple[int, int, str]]:
    """Type, time (µs) and message of each frame."""
    frames = []
    while data:
        frame_type, length, microseconds = struct.unpack(">IIQ", data[:16])
        frames.append((frame_type, microseconds, data[16 : 16 + length].decode()))
        data = data[16 + length :]
    return frames


@pytest.mark.parametrize(
    ("log_format", "level", "types"),
    [
        ("Text", "", [0xA55A0003, 0xA55A0003, 0xA55A0003]),
        ("Text", "WARN", [0xA55A0013, 0xA55A0017, 0xA55A0017]),
        ("JSON", "WARN", [0xA55A0012, 0xA55A0016, 0xA55A0016]),
        ("JSON", "", [0xA55A0012, 0xA55A0016, 0xA55A0016]),
    ],
)
async def test_records_are_framed_where_lambda_gives_a_descriptor(
    api: RuntimeApi, start_runtime: StartRuntime, log_format: str, level: str, types: list[int]
) -> None:
    before = time.time_ns() // 1000
    with telemetry_pipe() as (descriptor, reader):
        runtime = await start_runtime(
            pass_fds=(descriptor,),
            _LAMBDA_TELEMETRY_LOG_FD=str(descriptor),
            AWS_LAMBDA_LOG_FORMAT=log_format,
            AWS_LAMBDA_LOG_LEVEL=level,
        )
        os.close(descriptor)
        invocation = api.offer(function_url_event("/logs"))
        await invocation.answered()
        runtime.terminate()
        await runtime.exit_code()
        frames = read_frames(reader.read())
    assert runtime.text == "printed\n"
    assert [frame_type for frame_type, _, _ in frames] == types
    assert all(before <= at <= time.time_ns() // 1000 for _, at, _ in frames)
    assert all(invocation.request_id in message for _, _, message in frames)
    assert "two\nlines" in frames[0][2] or "two\\nlines" in frames[0][2]
