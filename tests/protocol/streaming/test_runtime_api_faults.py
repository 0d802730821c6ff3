"""The Runtime API failing where the runtime asks for events."""

import pytest

from tests.protocol.streaming.conftest import StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi


async def test_a_connection_lost_while_waiting_is_made_anew(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    await api.wait_for("/next")
    api.drop_idle_connections()
    await api.wait_for("/next", 2)
    answer = await api.offer(function_url_event("/hello")).answered()
    assert answer.payload == b"hello"
    assert api.connections == 2


async def test_a_connection_closed_with_each_event_is_made_anew(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    api.close_connections = True
    for _ in range(3):
        answer = await api.offer(function_url_event("/hello")).answered()
        assert answer.payload == b"hello"


async def test_a_call_that_breaks_off_is_repeated(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    api.next_faults = ["drop", "drop"]
    await start_runtime()
    answer = await api.offer(function_url_event("/hello")).answered()
    assert answer.payload == b"hello"


@pytest.mark.parametrize("fault", [400, 403, 500, 503, "garbage"])
async def test_an_environment_ends_when_no_event_is_to_be_had(
    api: RuntimeApi, start_runtime: StartRuntime, fault: int | str
) -> None:
    api.next_faults = [fault]
    runtime = await start_runtime()
    assert await runtime.exit_code() == 1
    assert "The environment ends" in runtime.text
    assert len(api.of_path("/next")) == 1


async def test_an_environment_ends_when_every_call_breaks_off(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    api.next_faults = ["drop"] * 10
    runtime = await start_runtime()
    assert await runtime.exit_code() == 1
    assert len(api.of_path("/next")) == 3


async def test_an_environment_ends_when_the_runtime_api_is_unreachable(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(AWS_LAMBDA_RUNTIME_API="127.0.0.1:9")
    assert await runtime.exit_code() == 1
    assert "no connection to the Runtime API at 127.0.0.1:9" in runtime.text


async def test_the_lifespan_ends_properly_also_then(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    api.next_faults = [500]
    runtime = await start_runtime("tests.protocol.streaming.applications.with_lifespan")
    assert await runtime.exit_code() == 1
    assert "shut down after 0" in runtime.text
