"""Runs the streaming runtime in its own process, and creates events for it."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


class RuntimeProcess:
    """The runtime's process, started as the exec wrapper starts it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.output = bytearray()
        self._printing = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @property
    def text(self) -> str:
        return self.output.decode()

    async def exit_code(self, seconds: float = 20) -> int:
        async with asyncio.timeout(seconds):
            await self._reader
            return await self._process.wait()

    async def printed(self, text: str, seconds: float = 20) -> None:
        """Wait until the process has printed this."""
        async with asyncio.timeout(seconds), self._printing:
            await self._printing.wait_for(lambda: text in self.text)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while data := await self._process.stdout.read(65536):
            self.output += data
            async with self._printing:
                self._printing.notify_all()


def lambda_environment(api: str, handler: str, task_root: Path) -> dict[str, str]:
    """Return the variables that Lambda sets for a function."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(task_root),
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_LAMBDA_FUNCTION_NAME": "test",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2030/01/01/[$LATEST]0123",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": "eu-west-1",
        "PYTHONWARNINGS": "error",
    }


@asynccontextmanager
async def running_runtime(
    api: str,
    handler: str,
    task_root: Path,
    environment: Mapping[str, str] | None = None,
    *,
    interpreter: str | Path = sys.executable,
    pass_fds: tuple[int, ...] = (),
) -> AsyncIterator[RuntimeProcess]:
    """Run ``python -m lambda_streaming`` in Lambda's environment; kills it if it does not end."""
    process = await asyncio.create_subprocess_exec(
        interpreter,
        "-m",
        "lambda_streaming",
        cwd=task_root,
        env={**lambda_environment(api, handler, task_root), **(environment or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=pass_fds,
    )
    runtime = RuntimeProcess(process)
    try:
        yield runtime
    finally:
        await runtime.kill()


def function_url_event(
    path: str = "/",
    *,
    method: str = "GET",
    body: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    query: str = "",
    cookies: list[str] | None = None,
) -> dict[str, Any]:
    """Return an event of a Function URL (payload 2.0)."""
    host = "abcdefg.lambda-url.eu-west-1.on.aws"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": host, "x-forwarded-proto": "https", **(headers or {})},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefg",
            "domainName": host,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2030:19:03:58 +0000",
            "timeEpoch": 1899658638000,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    if cookies is not None:
        event["cookies"] = cookies
    return event
