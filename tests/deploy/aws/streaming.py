"""Function URLs that stream, which the emulator cannot: it starts no AWS_LAMBDA_EXEC_WRAPPER.

Each version of such a function runs, from the code and the layers that were deployed, in the
project's own emulation of Lambda, which is a process of the environment `.venv`.
"""

import asyncio
import http.client
import io
import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import StreamingResponse
from ministack.services import lambda_svc

_PROGRAM = (".venv/bin/python", "-m", "tests.deploy.streaming_function")
_PIECE = 64 * 1024
_OF_THE_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}


@dataclass(frozen=True)
class _Running:
    version: str
    address: str
    process: subprocess.Popen[str]


class StreamingFunctions:
    """The versions that run, one of each function: the one that was last asked for."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._lock = asyncio.Lock()

    async def request(
        self,
        resolved: tuple[Any, ...],
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> tuple[int, str, list[tuple[str, str]], StreamingResponse | bytes]:
        """The answer to a request to the function URL that was `resolved`."""
        account, region, name, qualifier, _settings = resolved
        function, configuration, _scope = lambda_svc._get_func_record_for_ref_in_scope(
            f"{name}:{qualifier}", account_id=account, region=region
        )
        # Versions share what is reserved for the function.
        if lambda_svc._functions[name].get("concurrency") == 0:
            return 429, "", [("content-type", "application/json")], b'{"Reason": "stopped"}'
        async with self._lock:
            address = await asyncio.to_thread(self._address, function, configuration, region)
        kept = {key: value for key, value in headers.items() if key not in _OF_THE_CONNECTION}

        def ask() -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection(address, timeout=180)
            connection.request(method, target, body, kept)
            return connection.getresponse()

        response = await asyncio.to_thread(ask)

        async def pass_on(send: Any, _receive: Any) -> None:
            while piece := await asyncio.to_thread(response.read1, _PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        pairs = [pair for pair in response.getheaders() if pair[0] not in _OF_THE_CONNECTION]
        return response.status, response.reason, pairs, StreamingResponse(pass_on)

    def _address(self, function: Any, configuration: dict[str, Any], region: str) -> str:
        name = configuration["FunctionName"]
        running = self._running.get(name)
        if running and running.version == configuration["FunctionArn"]:
            return running.address
        if running:
            running.process.communicate()
        self._running[name] = started = _start(function["code_zip"], configuration, region)
        return started.address


def _start(code: bytes, configuration: dict[str, Any], region: str) -> _Running:
    folder = Path(tempfile.mkdtemp(prefix="streaming-"))
    layers = configuration.get("Layers", [])
    specification = {
        "name": configuration["FunctionName"],
        "handler": configuration["Handler"],
        "task_root": _unpack(code, folder / "task"),
        "layers": [
            _unpack(lambda_svc._resolve_layer_zip(layer) or b"", folder / f"layer-{number}")
            for number, layer in enumerate(layers)
        ],
        "environment": {
            **configuration.get("Environment", {}).get("Variables", {}),
            **execution_credentials(configuration),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        },
        "memory_mb": configuration["MemorySize"],
        "timeout_seconds": configuration["Timeout"],
    }
    process = subprocess.Popen(
        [*_PROGRAM, json.dumps(specification)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = urlsplit(process.stdout.readline().strip()).netloc
    assert address, "the streaming function did not start"
    return _Running(configuration["FunctionArn"], address, process)


def _unpack(archive: bytes, folder: Path) -> str:
    folder.mkdir()
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        lambda_svc._extract_zip_preserving_mode(files, str(folder))
    return str(folder)
