"""Environments are made, kept, frozen, cut and replaced as Lambda does it."""

import asyncio
import os
from pathlib import Path

import httpx2
import pytest

from local.emulator.environment import Environment
from local.emulator.filesystem import lay_out
from tests.protocol.emulator.conftest import Emulate, Logs, eventually, small_function

# Answers with its process's id after as many seconds as the query says, or misbehaves.
WAITER = """
    import asyncio, os, time

    def handler():
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                while True:
                    message = await receive()
                    await send({"type": message["type"] + ".complete"})
                    if message["type"] == "lifespan.shutdown":
                        print("shut down", flush=True)
                        return
            query = scope["query_string"].decode()
            if query == "exit":
                os._exit(3)
            if query == "block":
                time.sleep(5)  # so that the runtime cannot answer in time either
            start = {"type": "http.response.start", "status": 200, "headers": []}
            pid = {"type": "http.response.body", "body": str(os.getpid()).encode()}
            if query not in ("begin", "block"):
                await asyncio.sleep(float(query or 0))
            await send(start)
            await send({**pid, "more_body": True})
            if query == "begin":
                time.sleep(5)
            await send({"type": "http.response.body", "body": b""})
        return app
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_frozen(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")


async def test_requests_at_once_have_an_environment_each_which_stays_warm(
    emulate: Emulate, logs: Logs
) -> None:
    async with emulate(WAITER, reserved_concurrency=2) as served:
        first, second = await asyncio.gather(served.client.get("/?1"), served.client.get("/?1"))
        third = await served.client.get("/")
        pids = served.function.pids
        await eventually(lambda: len(logs.of("REPORT")) == 3)

    assert first.text != second.text
    assert {first.text, second.text} == {str(pid) for pid in pids}
    assert third.text in {first.text, second.text}
    reports = logs.of("REPORT")
    assert sum("Init Duration: " in report for report in reports) == 2


async def test_above_the_reserved_concurrency_callers_get_429(emulate: Emulate) -> None:
    async with emulate(WAITER, reserved_concurrency=1) as served:
        slow = asyncio.create_task(served.client.get("/?1"))
        await asyncio.sleep(0.1)
        refused = await served.client.get("/")
        answered = await slow
        afterwards = await served.client.get("/")

    assert refused.status_code == 429
    assert (answered.status_code, afterwards.status_code) == (200, 200)
    assert answered.text == afterwards.text


async def test_an_environment_may_serve_several_requests_at_once(
    emulate: Emulate, logs: Logs
) -> None:
    async with emulate(WAITER, max_concurrency=4) as served:
        answers = await asyncio.gather(*(served.client.get("/?0.5") for _ in range(4)))
        await eventually(lambda: len(logs.of("REPORT")) == 4)

    assert len({answer.text for answer in answers}) == 1
    assert sum("Init Duration: " in report for report in logs.of("REPORT")) == 1


async def test_the_log_has_the_lines_that_lambda_writes(emulate: Emulate, logs: Logs) -> None:
    async with emulate(WAITER, memory_mb=512) as served:
        response = await served.client.get("/")
        await served.client.get("/")
    request_id = response.headers["x-amzn-requestid"]

    assert logs.of("START")[0] == f"Tiny | START RequestId: {request_id} Version: $LATEST"
    assert logs.of("END")[0] == f"Tiny | END RequestId: {request_id}"
    request, duration, billed, size, used, init = logs.of("REPORT")[0].split("\t")
    assert request == f"Tiny | REPORT RequestId: {request_id}"
    assert duration.startswith("Duration: ")
    assert billed.startswith("Billed Duration: ")
    assert size == "Memory Size: 512 MB"
    assert 10 < int(used.split()[3]) < 512
    assert init.startswith("Init Duration: ")
    milliseconds = [float(field.split()[-2]) for field in (duration, billed, init)]
    assert milliseconds[0] + milliseconds[2] <= milliseconds[1] < sum(milliseconds)


async def test_an_environment_is_frozen_between_invocations(emulate: Emulate) -> None:
    async with emulate(WAITER) as served:
        pid = int((await served.client.get("/")).text)
        await eventually(lambda: is_frozen(pid))
        again = await served.client.get("/")

    assert int(again.text) == pid


async def test_a_function_that_takes_too_long_is_killed(emulate: Emulate, logs: Logs) -> None:
    async with emulate(WAITER, timeout_seconds=1) as served:
        before = await served.client.get("/")
        late = await served.client.get("/?block")
        after = await served.client.get("/")

    assert late.status_code == 504
    assert before.text != after.text
    assert not is_running(int(before.text))
    request_id = late.headers.get("x-amzn-requestid") or logs.of("START")[1].split()[4]
    assert f"Z {request_id} Task timed out after 1.00 seconds" in logs.text
    assert "Status: timeout" in logs.of("REPORT")[1]


async def test_an_answer_that_had_begun_is_cut_when_the_time_is_over(emulate: Emulate) -> None:
    async with (
        emulate(WAITER, timeout_seconds=1) as served,
        served.client.stream("GET", "/?begin") as response,
    ):
        assert response.status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError):
            await response.aread()


async def test_a_crash_is_a_502_and_the_next_request_has_a_new_environment(
    emulate: Emulate, logs: Logs
) -> None:
    async with emulate(WAITER) as served:
        crashed = await served.client.get("/?exit")
        answered = await served.client.get("/")

    assert crashed.status_code == 502
    assert answered.status_code == 200
    assert "Runtime exited with error: exit status 3" in logs.text
    assert "Error Type: Runtime.ExitError" in logs.of("REPORT")[0]


async def test_a_killed_environment_is_replaced(emulate: Emulate) -> None:
    async with emulate(WAITER) as served:
        pid = int((await served.client.get("/")).text)
        os.kill(pid, 9)
        await eventually(lambda: not served.function.pids)
        answer = await served.client.get("/")

    assert answer.status_code == 200
    assert int(answer.text) != pid


async def test_a_kill_that_is_cancelled_still_closes_the_runtime_api(tmp_path: Path) -> None:
    function = small_function(tmp_path / "task", WAITER)
    with lay_out(function) as root:
        environment = Environment(function, root, print)
        await environment.start(seconds=10)
        host, port = environment.runtime_api.split(":")
        kill = asyncio.create_task(environment.kill())
        await asyncio.sleep(0)
        kill.cancel()
        await asyncio.wait({kill})
        await eventually(lambda: not environment.alive)

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, int(port))


async def test_a_function_that_cannot_start_is_started_twice_and_is_a_502(
    emulate: Emulate, logs: Logs
) -> None:
    async with emulate("raise ValueError('not today')") as served:
        response = await served.client.get("/")

    assert response.status_code == 502
    assert len(logs.of("INIT_REPORT")) == 1
    assert logs.text.count("not today") >= 2


async def test_at_the_end_the_apps_are_shut_down_and_no_process_is_left(
    emulate: Emulate, logs: Logs
) -> None:
    async with emulate(WAITER) as served:
        await asyncio.gather(served.client.get("/?0.3"), served.client.get("/?0.3"))
        pids = served.function.pids

    assert len(pids) == 2
    assert len(logs.of("shut down")) == 2
    assert not any(is_running(pid) for pid in pids)


async def test_functions_share_an_address_by_their_routes(
    emulate_buffered: Emulate, tmp_path: Path
) -> None:
    source = """
        def handler(event, context):
            return event["rawPath"]
    """
    async with emulate_buffered(source, routes=("/api/chatkit",)) as served:
        statuses = [
            (await served.client.get(path)).status_code
            for path in ("/api/chatkit", "/api/chatkit/more", "/api/chatkits", "/")
        ]

    assert statuses == [200, 200, 403, 403]
