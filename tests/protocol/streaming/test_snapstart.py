"""SnapStart: hooks around the snapshot, everything that does not survive it after the restore."""

import asyncio
import json

import pytest

from tests.protocol.streaming.conftest import CODE, StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi

HANDLER = f"{CODE}.snapshots.handler"


async def start(start_runtime: StartRuntime, fail_at: str = "") -> RuntimeProcess:
    return await start_runtime(
        HANDLER, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start", FAIL_AT=fail_at
    )


async def test_hooks_run_in_order_and_the_event_loop_comes_after_the_restore(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start(start_runtime)
    await api.wait_for("/restore/next")
    invocation = api.offer(function_url_event())
    await asyncio.sleep(0.3)
    assert api.of_path("/next") == api.of_path("/restore/next")
    api.restore_gate.set()
    assert json.loads((await invocation.answered()).payload) == [
        "import",
        "made, loop: False",
        "before 2, loop: False",
        "before 1, loop: False",
        "after 1, loop: False",
        "after 2, loop: False",
        "startup, loop: True",
    ]


async def test_connections_are_made_after_the_restore(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start(start_runtime)
    await api.wait_for("/restore/next")
    assert api.connections == 1
    api.restore_gate.set()
    await api.offer(function_url_event()).answered()
    restore, first = api.requests[0], api.requests[1]
    assert first.path.endswith("/invocation/next")
    assert first.connection != restore.connection


@pytest.mark.parametrize("hook", ["before 1", "before 2"])
async def test_a_failing_hook_before_the_snapshot_is_a_failed_init(
    api: RuntimeApi, start_runtime: StartRuntime, hook: str
) -> None:
    runtime = await start(start_runtime, hook)
    assert await runtime.exit_code() == 64
    [report] = api.requests
    assert report.path == "/2018-06-01/runtime/init/error"
    assert report.headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.BeforeSnapshotError"
    assert report.json()["errorType"] == "ValueError"


@pytest.mark.parametrize("hook", ["after 1", "after 2", "lifespan"])
async def test_a_failure_after_the_restore_is_a_failed_restore(
    api: RuntimeApi, start_runtime: StartRuntime, hook: str
) -> None:
    api.restore_gate.set()
    runtime = await start(start_runtime, hook)
    assert await runtime.exit_code() == 65
    [_, report] = api.requests
    assert report.path == "/2018-06-01/runtime/restore/error"
    assert report.headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.AfterRestoreError"
    assert f"{hook} failed" in report.json()["errorMessage"]


async def test_without_snapstart_no_hook_runs(api: RuntimeApi, start_runtime: StartRuntime) -> None:
    await start_runtime(HANDLER)
    answer = await api.offer(function_url_event()).answered()
    assert json.loads(answer.payload) == ["import", "made, loop: False", "startup, loop: True"]
