"""`make invoke`: runs one event in AWS's own Runtime Interface Emulator, without containers."""

import argparse
import asyncio
import contextlib
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from local.emulator.answers import SEPARATOR, parse_prelude, parse_proxy_response
from local.emulator.filesystem import lay_out
from local.emulator.http_server import Exchange, HttpServer
from local.emulator.project import local_environment, project_functions, sign_local_token
from local.emulator.specification import FunctionSpec
from local.emulator.variables import function_variables
from local.postgres import EmbeddedPostgresError
from local.services import running_services
from taskchat.errors import TaskchatError

FUNCTIONS = {
    "chatkit": "ChatKitFunction",
    "api": "ApiFunction",
    "mcp": "McpFunction",
    "migrate": "MigrateFunction",
    "maintenance": "MaintenanceFunction",
}
EVENTS_ORIGIN = "https://tasks.example.com"
"""The page's origin in the events with a cookie."""
INVOCATIONS = "/2015-03-31/functions/function/invocations"
START_SECONDS = 10.0
END_SECONDS = 5.0

# The events' tokens are signed with an example key, so they are replaced.
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


async def main() -> int:
    """Invoke the function that the event's file name begins with; returns 1 if it failed."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator.invoke", description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder that `sam build` filled")
    parser.add_argument("--rie", type=_absolute, required=True, help="AWS's emulator")
    parser.add_argument("event", type=Path, help="such as events/chatkit-create-thread.json")
    options = parser.parse_args()
    name = FUNCTIONS.get(options.event.stem.partition("-")[0])
    if name is None:
        raise SystemExit(f"{options.event}: its name must begin with one of {', '.join(FUNCTIONS)}")
    event = json.loads(options.event.read_text())
    given = {"ALLOWED_ORIGINS": EVENTS_ORIGIN, **local_environment(os.environ, pool_size=1)}
    async with running_services(given) as environment, _callback(event):
        functions = project_functions(options.build, environment)
        function = next(function for function in functions if function.name == name)
        text = authorise(json.dumps(event), environment)
        response = await invoke(options.rie, function, text.encode())
    return _show(response, http="requestContext" in event)


def _absolute(path: str) -> Path:
    return Path(path).resolve()


async def invoke(emulator: Path, function: FunctionSpec, event: bytes) -> bytes:
    """Return the function's response; AWS's emulator buffers a streamed one."""
    address, runtime_api = _free_address(), _free_address()
    with lay_out(function) as root:
        process = await asyncio.create_subprocess_exec(
            emulator,
            *("--runtime-interface-emulator-address", address),
            *("--runtime-api-address", runtime_api),
            *("--log-level", "error"),
            root / "var/runtime/bootstrap",
            cwd=root / "var/task",
            env={
                **function_variables(function, root),
                "AWS_LAMBDA_FUNCTION_TIMEOUT": f"{function.timeout_seconds:.0f}",
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        try:
            await _wait_for(address)
            async with httpx2.AsyncClient(timeout=function.timeout_seconds + 30) as client:
                response = await client.post(f"http://{address}{INVOCATIONS}", content=event)
                return response.content
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End AWS's emulator, which ends the function's process."""
    try:
        process.terminate()
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except ProcessLookupError:
        pass
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


async def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    async with asyncio.timeout(START_SECONDS):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _callback(event: dict[str, Any]) -> AsyncIterator[None]:
    """Receive a custom resource's answer, which is a request, in place of CloudFormation."""

    async def show(exchange: Exchange) -> None:
        body = await exchange.read(1_000_000)
        print(f"{exchange.method} to CloudFormation: {body.decode()}")
        await exchange.respond(200, b"", [])

    if "ResponseURL" not in event:
        yield
        return
    async with HttpServer(show) as server:
        event["ResponseURL"] = f"http://{server.address}/"
        yield


def authorise(event: str, environment: Mapping[str, str]) -> str:
    """Return the event with a token that the function accepts."""
    token = sign_local_token(environment)
    return _TOKEN.sub(token, event) if token else event


def _show(response: bytes, *, http: bool) -> int:
    """Print the response; returns 1 if the function failed."""
    prelude, separator, payload = response.partition(SEPARATOR)
    document: Any = None
    if separator:
        head = parse_prelude(prelude)
    else:
        document = json.loads(response)
        if not http or (isinstance(document, dict) and "errorType" in document):
            print(json.dumps(document, indent=2))
            return int(isinstance(document, dict) and "errorType" in document)
        head, payload = parse_proxy_response(response)
    print(f"HTTP {head.status}")
    for header, value in head.headers:
        print(f"{header}: {value}")
    print(f"\n{payload.decode(errors='replace')}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except (TaskchatError, EmbeddedPostgresError) as error:
        raise SystemExit(f"make invoke: {error}") from None
