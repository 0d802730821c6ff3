"""The application's life in an environment, and work beyond the response."""

import json
import time

from tests.protocol.streaming.conftest import CODE, StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi


async def test_the_lifespan_is_one_for_all_invocations(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start_runtime(f"{CODE}.applications.with_lifespan")
    log = ["made", "startup"]
    for _ in range(3):
        log.append("request")
        answer = await api.offer(function_url_event()).answered()
        assert json.loads(answer.payload) == {"log": log, "state": ["per_request", "pool"]}


async def test_sigterm_shuts_the_application_down_and_exits_with_0(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(f"{CODE}.applications.with_lifespan")
    await api.offer(function_url_event()).answered()
    await api.wait_for("/next", 2)
    runtime.terminate()
    assert await runtime.exit_code() == 0
    assert runtime.text == "shut down after 1\n"


async def test_a_shutdown_that_takes_too_long_is_cut(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(f"{CODE}.applications.with_lifespan", SHUTDOWN_SECONDS="30")
    await api.wait_for("/next")
    runtime.terminate()
    before = time.monotonic()
    assert await runtime.exit_code() == 0
    assert time.monotonic() - before < 15
    assert "shutdown took too long" in runtime.text


async def test_sigterm_lets_an_answer_end_that_is_nearly_done(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/chunks", query="3,0.1"))
    await invocation.begun.wait()
    runtime.terminate()
    answer = await invocation.answered()
    assert answer.payload.count(b";") == 3
    assert await runtime.exit_code() == 0


async def test_an_application_without_lifespan_is_served(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/hello")).answered()
    assert answer.payload == b"hello"
    runtime.terminate()
    assert await runtime.exit_code() == 0
    assert runtime.text == ""


async def test_a_failed_startup_is_a_failed_init(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(f"{CODE}.applications.failing_startup")
    assert await runtime.exit_code() == 1
    [report] = api.of_path("/init/error")
    assert report.headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.StartupFailed"
    assert report.json()["errorMessage"] == "no database"
    assert api.of_path("/next") == []


async def test_background_tasks_end_before_the_next_event_is_asked_for(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/background")).answered()
    [_, second] = await api.wait_for("/next", 2)
    assert second.started - answer.ended > 0.2
    assert "background task ended" in runtime.text


async def test_work_given_to_wait_until_ends_before_the_next_event_is_asked_for(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/wait-until")).answered()
    [_, second] = await api.wait_for("/next", 2)
    assert second.started - answer.ended > 0.3
    assert "run 1 ended" in runtime.text
    assert "run 2 ended" in runtime.text
    assert "AppError: a broken run" in runtime.text


async def test_work_given_to_wait_until_is_cut_at_the_deadline(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    # The deadline counts from the offer, however late the runtime fetches it. The runtime keeps a
    # tenth of the time that is left then.
    deadline = time.monotonic() + 5
    await api.offer(function_url_event("/wait-for-ever"), seconds=5).answered()
    [_, second] = await api.wait_for("/next", 2)
    assert deadline - 0.55 < second.started < deadline
    assert "1 background tasks were cut off by the deadline" in runtime.text
    await runtime.printed("run was cancelled")


async def test_receive_disconnects_after_the_response_and_not_before(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    await api.offer(function_url_event("/disconnect")).answered()
    await runtime.printed("heard of it early: False")
    await runtime.printed("receive gave http.disconnect")
