"""Several invocations at once in one process (``AWS_LAMBDA_MAX_CONCURRENCY``)."""

import asyncio
import json
import re

from tests.protocol.streaming.conftest import CODE, StartRuntime
from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi, Script


async def test_without_the_variable_there_is_one_at_a_time(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    slow = api.offer(function_url_event("/chunks", query="5,0.1"))
    fast = api.offer(function_url_event("/hello"))
    await fast.answered()
    assert fast.fetched >= (await slow.answered()).ended


async def test_so_many_pollers_wait_each_on_its_own_connection(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="5")
    waiting = await api.wait_for("/next", 5)
    await asyncio.sleep(0.2)
    assert len({request.connection for request in waiting}) == api.connections == 5


async def test_fifty_streams_interleave_and_keep_to_themselves(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="50")
    await api.wait_for("/next", 50)
    invocations = []
    for number in range(50):
        # Slow and fast ones among each other.
        query = "4,0.25" if number % 2 else "40,0.025"
        invocations.append(api.offer(function_url_event("/interleaved", query=query)))
    answers = [await invocation.answered(60) for invocation in invocations]
    for invocation, answer in zip(invocations, answers, strict=True):
        trace_id = invocation.headers["Lambda-Runtime-Trace-Id"]
        lines = answer.payload.decode().splitlines()
        assert set(lines) == {f"{invocation.request_id} {trace_id}"}
        assert len(lines) in {4, 40}
    # All were under way at the same time, in one process.
    assert max(answer.pieces[0].at for answer in answers) < min(answer.ended for answer in answers)
    # Each log line carries the id of the invocation that wrote it.
    logged = re.findall(r"\t([0-9a-f-]{36})\tchunk \d+ of ([0-9a-f-]{36})", runtime.text)
    assert len(logged) == 25 * 44
    assert all(own == said for own, said in logged)


async def test_a_fast_answer_does_not_wait_for_a_slow_reader(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="2")
    slow = api.offer(function_url_event("/large", query="16"), script=Script(read_delay=0.2))
    await slow.begun.wait()
    for _ in range(5):
        assert (await api.offer(function_url_event("/hello")).answered()).payload == b"hello"
    assert not slow.answer.done()
    slow.script.read_delay = 0
    await slow.answered()


async def test_an_error_of_one_leaves_the_others_alone(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="4")
    whole = api.offer(function_url_event("/chunks", query="10,0.05"))
    for path in ("/raise-before", "/raise-after", "/bad"):
        await api.offer(function_url_event(path)).answered()
    answer = await whole.answered()
    assert answer.payload.count(b";") == 10
    assert answer.trailers == {}


async def test_no_invocation_sets_a_variable_of_the_process(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="2")
    invocation = api.offer(function_url_event("/context"))
    seen = json.loads((await invocation.answered()).payload)
    assert seen["trace_id"] == invocation.headers["Lambda-Runtime-Trace-Id"]
    assert seen["variable"] is None


async def test_the_application_has_one_lifespan(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    runtime = await start_runtime(
        f"{CODE}.applications.with_lifespan", AWS_LAMBDA_MAX_CONCURRENCY="8"
    )
    await api.wait_for("/next", 8)
    for _ in range(8):
        await api.offer(function_url_event()).answered()
    runtime.terminate()
    assert await runtime.exit_code() == 0
    assert runtime.text == "shut down after 8\n"


async def test_an_environment_ends_when_one_poller_is_refused(
    api: RuntimeApi, start_runtime: StartRuntime
) -> None:
    api.next_faults = [500]
    runtime = await start_runtime(AWS_LAMBDA_MAX_CONCURRENCY="3")
    assert await runtime.exit_code() == 1
