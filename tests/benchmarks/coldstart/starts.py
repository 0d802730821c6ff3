"""Cold starts of both sides: starts a process, sends one request, and records the times."""

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import h11

from local.emulator import FunctionSpec
from local.emulator.environment import Environment
from local.emulator.filesystem import PYTHON
from local.emulator.invocation import Invocation
from tests.benchmarks.cores import processor_seconds
from tests.support.lambda_runtime import function_url_event

ROOT = Path(__file__).parents[3]
NAIVE_PACKAGES = ROOT / ".local/benchmarks/naive"
NAIVE_MODULE = "tests.benchmarks.coldstart.naive"
START_SECONDS = 60.0
ANSWERING = (b"assistant_message.content_part.text_delta", b"assistant_message.content_part.done")
EVENT = b"data: "


@dataclass(frozen=True)
class Call:
    """A request and its expected status."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Moment:
    """The seconds and the processor time since the start of a process."""

    seconds: float
    processor: float


class Start:
    """The measurements of one start."""

    def __init__(self) -> None:
        self.first_byte: Moment | None = None
        """The first byte of the body or, for a stream, of its first event."""
        self.first_token: Moment | None = None
        """The first event with text from the model."""
        self.ended: Moment | None = None
        self.memory = 0.0
        """Resident memory after the response, in MB."""
        self._began = time.monotonic()
        self._pid = 0
        self._processor_before = 0.0

    def pin(self, pid: int, core: int) -> None:
        """Bind the process to one core. The processor time that it has used so far is ignored."""
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
        self._pid = pid
        self._processor_before = self._processor()

    def note(self, received: bytes) -> None:
        """Note that a part of the body arrived. `received` is the whole body so far."""
        if self.first_byte is None and (not received.startswith(b":") or EVENT in received):
            self.first_byte = self._now()
        if self.first_token is None and any(mark in received for mark in ANSWERING):
            self.first_token = self._now()

    def note_end(self) -> None:
        """Note that the response is complete."""
        self.ended = self._now()
        self.first_byte = self.first_byte or self.ended
        status = Path(f"/proc/{self._pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        self.memory = int(line.split()[1]) * 1024 / 1e6

    def _now(self) -> Moment:
        seconds = time.monotonic() - self._began
        return Moment(seconds, self._processor() - self._processor_before)

    def _processor(self) -> float:
        return processor_seconds(self._pid)


async def start_function(spec: FunctionSpec, root: Path, core: int, call: Call) -> Start:
    """Start the built function, laid out at `root`, in a new environment on one core."""
    output: list[str] = []
    environment = Environment(spec, root, output.append)
    start = Start()
    starting = asyncio.create_task(environment.start(START_SECONDS))
    try:
        start.pin(await _pid(environment), core)
        await starting
        await _invoke(environment, spec, call, start, output)
    finally:
        await environment.kill()
    return start


def _event(call: Call) -> bytes:
    event = function_url_event(
        call.path, method=call.method, headers=call.headers, body=call.body or None
    )
    return json.dumps(event).encode()


async def restore_function(spec: FunctionSpec, root: Path, core: int, call: Call) -> Start:
    """Like `start_function`, but measured from SnapStart's restore.

    A process that is stopped at the point of the snapshot replaces Lambda's snapshot. All of its
    memory is available at once, unlike in Lambda.
    """
    variables = {**spec.environment, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    output: list[str] = []
    environment = Environment(replace(spec, environment=variables), root, output.append)
    try:
        await environment.start_until_snapshot(START_SECONDS)
        start = Start()
        start.pin(environment.pid, core)
        await environment.restore(START_SECONDS)
        await _invoke(environment, spec, call, start, output)
    finally:
        await environment.kill()
    return start


async def _invoke(
    environment: Environment, spec: FunctionSpec, call: Call, start: Start, output: list[str]
) -> None:
    invocation = Invocation(streaming=spec.streaming)
    invocation.event = _event(call)
    invoking = asyncio.create_task(environment.invoke(invocation))
    head = await invocation.answer.head()
    if head.status != call.status:
        raise RuntimeError(f"{call} was answered {head}: {output}")
    received = b""
    async for chunk in invocation.answer.chunks():
        received += chunk
        start.note(received)
    start.note_end()
    await invoking


async def _pid(environment: Environment) -> int:
    while True:
        with contextlib.suppress(RuntimeError):
            return environment.pid
        await asyncio.sleep(0.001)


async def start_naive(environment: Mapping[str, str], core: int, call: Call) -> Start:
    """Start the naive application under uvicorn, on one core.

    Its socket is already listening, so the request waits there and does not need retries.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        start = Start()
        process = await asyncio.create_subprocess_exec(
            *(PYTHON, "-m", "uvicorn", "--fd", str(listening.fileno()), f"{NAIVE_MODULE}:app"),
            *("--log-level", "warning", "--no-access-log"),
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{NAIVE_PACKAGES}:{ROOT}",
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=[listening.fileno()],
        )
        try:
            start.pin(process.pid, core)
            async with asyncio.timeout(START_SECONDS):
                await _exchange(listening.getsockname()[1], call, start)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return start


async def _exchange(port: int, call: Call, start: Start) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    http = h11.Connection(h11.CLIENT)
    body = call.body.encode()
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **call.headers}
    request = h11.Request(method=call.method, target=call.path, headers=[*headers.items()])
    writer.write((http.send(request) or b"") + (http.send(h11.Data(data=body)) or b""))
    http.send(h11.EndOfMessage())
    received = b""
    try:
        while True:
            http.receive_data(await reader.read(65_536))
            while (happened := http.next_event()) is not h11.NEED_DATA:
                if isinstance(happened, h11.Response) and happened.status_code != call.status:
                    raise RuntimeError(f"{call} was answered {happened}")
                if isinstance(happened, h11.Data):
                    received += bytes(happened.data)
                    start.note(received)
                elif isinstance(happened, h11.EndOfMessage):
                    start.note_end()
                    return
    finally:
        writer.close()


def size_in_mb(*folders: Path) -> float:
    """The total size of the files in the folders."""
    return sum(_sizes(folders)) / 1e6


def _sizes(folders: tuple[Path, ...]) -> Iterator[int]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path.stat().st_size
