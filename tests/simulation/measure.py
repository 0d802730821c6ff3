"""``python -m tests.simulation.measure``: what one message costs, measured on the built functions.

The functions run in the emulator as Lambda runs them, on a Postgres of their own and a scripted
model that keeps its times. The figures go into measurements.json; they are this machine's, so a
second of its processor stands in for a second of Lambda's.
"""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import psycopg
from pydantic import BaseModel, ConfigDict

from local.emulator import Emulator
from local.emulator.project import local_environment, project_functions, sign_local_token
from local.postgres import EmbeddedPostgres
from tests.support.builds import HOST, built
from tests.support.chat import SECRET, message
from tests.support.model_server import Call, ModelServer, RecordedRequest, Reply, text, tool_calls
from tests.support.postgres import apply_migrations

MEASUREMENTS = Path(__file__).with_name("measurements.json")
FIRST_TOKEN_SECONDS, TOKENS, TOKENS_PER_SECOND = 0.5, 80, 40
LONG_TOKENS, WATCHED_SECONDS = 400, 6.0
WARM_UP, REPETITIONS = 3, 40

# One line an execution: the phases before it, parse and bind, travel with it.
_LOGGED = re.compile(r"LOG:  duration: [\d.]+ ms  (?:statement|execute)")
_OWN_STATEMENTS = 2
_DURATION = re.compile(r"\tBilled Duration: (\d+) ms.*Max Memory Used: (\d+) MB")
_INIT = re.compile(r"Init Duration: ([\d.]+) ms")


class Message(BaseModel):
    """What one message costs, over and above the time that the model takes."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    """Of an environment's time, without the model's."""
    cpu_seconds: float
    statements: float
    commits: float
    statements_per_second: float
    """While the model streams."""
    commits_per_second: float
    """While the model streams."""
    wal_bytes: float
    stored_bytes: float
    response_bytes: float
    log_bytes: float
    database_cpu_seconds: float


class Request(BaseModel):
    """What one REST request costs."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    statements: float
    response_bytes: float


class Measurements(BaseModel):
    """Everything that the simulation is driven by."""

    model_config = ConfigDict(frozen=True)

    processor: str
    cold_start_seconds: float
    memory_mb: int
    plain: Message
    with_tool: Message
    list_of_tasks: Request


def read_measurements() -> Measurements:
    """The figures of the last run."""
    return Measurements.model_validate_json(MEASUREMENTS.read_text())


@dataclass(frozen=True)
class _Counters:
    """What is counted from outside: by the server, the kernel, and in the functions' output."""

    statements: int
    commits: int
    wal: int
    size: int
    database_cpu: float
    cpu: float
    log: int

    def per(self, earlier: "_Counters", count: int) -> dict[str, float]:
        return {
            name: (value - getattr(earlier, name)) / count for name, value in vars(self).items()
        }


@dataclass
class _Bench:
    """The running system."""

    emulator: Emulator
    client: httpx2.AsyncClient
    database_url: str
    postgres_log: Path
    lines: list[str] = field(default_factory=list)
    response_bytes: int = 0
    looks: int = 0
    """How often the counters were read, which counts as well."""

    async def say(self, words: str, thread_id: str | None = None) -> None:
        kind = "threads.add_user_message" if thread_id else "threads.create"
        params = {"input": message(words), **({"thread_id": thread_id} if thread_id else {})}
        answer = await self.client.post("/api/chatkit", json={"type": kind, "params": params})
        answer.raise_for_status()
        self.response_bytes += len(answer.content)

    async def list_tasks(self) -> None:
        answer = await self.client.get("/api/tasks")
        answer.raise_for_status()
        self.response_bytes += len(answer.content)

    def counters(self) -> _Counters:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("set log_min_duration_statement = -1")  # logged itself, once
            row = connection.execute(
                "select xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,"
                " pg_database_size(current_database()),"
                " (select pid from pg_stat_activity where backend_type = 'checkpointer')"
                " from pg_stat_database where datname = current_database()"
            ).fetchone()
        assert row is not None
        self.looks += 1
        commits, wal, size, checkpointer = row
        postmaster = psutil.Process(checkpointer).parent()
        assert postmaster is not None
        log = self.postgres_log.read_text(errors="replace")
        function = self.emulator.function("ChatKitFunction")
        return _Counters(
            statements=len(_LOGGED.findall(log)) - self.looks,
            commits=commits - _OWN_STATEMENTS * self.looks,
            wal=int(wal),
            size=size,
            database_cpu=_cpu_of_tree(postmaster),
            cpu=sum(_cpu(psutil.Process(pid)) for pid in function.pids),
            log=sum(len(line) + 1 for line in self.lines),
        )

    def billed(self, function: str) -> list[float]:
        """The seconds of each invocation, oldest first."""
        reports = [line for line in self.lines if line.startswith(f"{function} | REPORT")]
        found = [_DURATION.search(report) for report in reports]
        return [int(match[1]) / 1000 for match in found if match]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _cpu_of_tree(postmaster: psutil.Process) -> float:
    """Processor seconds of the server, of its connections that have ended, too."""
    ended = postmaster.cpu_times()
    running = sum(_cpu(child) for child in postmaster.children(recursive=True))
    return _cpu(postmaster) + ended.children_user + ended.children_system + running


def _respond(request: RecordedRequest) -> Reply:
    """Answers `plain …` in words, `long …` in many more, and `tool …` by a task and then words."""
    messages = request.json["messages"]
    said = next(m["content"] for m in reversed(messages) if m["role"] == "user")
    words = said if isinstance(said, str) else said[0]["text"]
    if words.startswith("tool") and messages[-1]["role"] != "tool":
        reply = tool_calls(Call("create_task", {"title": words}))
    else:
        tokens = LONG_TOKENS if words.startswith("long") else TOKENS
        words_of_answer = (f"word{number} " for number in range(tokens))
        reply = text(*words_of_answer, delay=1 / TOKENS_PER_SECOND)
    return Reply((FIRST_TOKEN_SECONDS, *reply.parts), headers=reply.headers)


@asynccontextmanager
async def _running() -> AsyncIterator[_Bench]:
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulation-")))
        url = stack.enter_context(EmbeddedPostgres(home / "postgres")).url
        await asyncio.to_thread(apply_migrations, url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter system set log_min_duration_statement = 0")
            connection.execute("select pg_reload_conf()")
        model = await stack.enter_async_context(ModelServer())
        model.script(_respond)
        given = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "GEMINI_API_KEY": "key",
            "GEMINI_BASE_URL": model.base_url,
            "JWT_SECRET": SECRET,
            "MESSAGES_PER_MINUTE": "100000",
            "MESSAGES_PER_DAY": "100000",
        }
        environment = local_environment(given, pool_size=1)
        lines: list[str] = []
        functions = project_functions(built(HOST), environment)
        emulator = await stack.enter_async_context(Emulator(functions, log=lines.append))
        headers = {"Authorization": f"Bearer {sign_local_token(environment)}"}
        client = httpx2.AsyncClient(base_url=emulator.url, headers=headers, timeout=60)
        await stack.enter_async_context(client)
        yield _Bench(emulator, client, url, home / "postgres/server.log", lines)


async def _message(bench: _Bench, words: str, calls: int) -> Message:
    """The mean of many messages, each in a thread of its own, of `calls` calls of the model."""
    streaming = TOKENS / TOKENS_PER_SECOND
    modelled = calls * FIRST_TOKEN_SECONDS + streaming
    bench.response_bytes = 0
    earlier, invocations = bench.counters(), len(bench.billed("ChatKitFunction"))
    for number in range(REPETITIONS):
        await bench.say(f"{words} {number}")
    cost = bench.counters().per(earlier, REPETITIONS)
    billed = bench.billed("ChatKitFunction")[invocations:]
    heartbeats = await _while_streaming(bench)
    return Message(
        seconds=_round(sum(billed) / len(billed) - modelled),
        cpu_seconds=_round(cost["cpu"]),
        statements=_round(cost["statements"] - heartbeats["statements"] * streaming),
        commits=_round(cost["commits"] - heartbeats["commits"] * streaming),
        statements_per_second=_round(heartbeats["statements"]),
        commits_per_second=_round(heartbeats["commits"]),
        wal_bytes=_round(cost["wal"]),
        stored_bytes=_round(cost["size"]),
        response_bytes=_round(bench.response_bytes / REPETITIONS),
        log_bytes=_round(cost["log"]),
        database_cpu_seconds=_round(cost["database_cpu"]),
    )


async def _while_streaming(bench: _Bench) -> dict[str, float]:
    """What a second of an answer in progress costs the database."""
    answering = asyncio.create_task(bench.say("long"))
    await asyncio.sleep(FIRST_TOKEN_SECONDS + 1)
    earlier, started = bench.counters(), time.monotonic()
    await asyncio.sleep(WATCHED_SECONDS)
    later, ended = bench.counters(), time.monotonic()
    await answering
    return {name: value / (ended - started) for name, value in later.per(earlier, 1).items()}


async def _request(bench: _Bench, send: Callable[[], Awaitable[None]]) -> Request:
    await send()
    bench.response_bytes = 0
    earlier, invocations = bench.counters(), len(bench.billed("ApiFunction"))
    for _ in range(REPETITIONS):
        await send()
    cost = bench.counters().per(earlier, REPETITIONS)
    billed = bench.billed("ApiFunction")[invocations:]
    return Request(
        seconds=_round(sum(billed) / len(billed)),
        statements=_round(cost["statements"]),
        response_bytes=_round(bench.response_bytes / REPETITIONS),
    )


def _round(value: float) -> float:
    """Three significant figures: more would only be noise."""
    return float(f"{max(value, 0):.3g}")


async def measure() -> Measurements:
    """Measure everything anew."""
    async with _running() as bench:
        for number in range(WARM_UP):
            await bench.say(f"plain {number}")
        first = next(line for line in bench.lines if line.startswith("ChatKitFunction | REPORT"))
        init = _INIT.search(first)
        assert init is not None
        plain = await _message(bench, "plain", calls=1)
        with_tool = await _message(bench, "tool", calls=2)
        listing = await _request(bench, bench.list_tasks)
        last = [line for line in bench.lines if line.startswith("ChatKitFunction | REPORT")][-1]
        used = _DURATION.search(last)
        assert used is not None
        return Measurements(
            processor=_processor(),
            cold_start_seconds=_round(float(init[1]) / 1000),
            memory_mb=int(used[2]),
            plain=plain,
            with_tool=with_tool,
            list_of_tasks=listing,
        )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{len(names)} cores of {names[0]}"


if __name__ == "__main__":
    measurements = asyncio.run(measure())
    MEASUREMENTS.write_text(measurements.model_dump_json(indent=2) + "\n")
    print(measurements.model_dump_json(indent=2))
