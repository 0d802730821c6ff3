"""Measures the cost of HTTP framing for one event: the runtime's own code, and h11 instead."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import h11

from lambda_streaming.http1 import LAST_CHUNK, ResponseParser, chunk, request_head

_EVENT = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
    b"Lambda-Runtime-Deadline-Ms: 1542409706888\r\n"
    b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f\r\n"
    b"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1\r\n"
    b"Content-Length: 1000\r\n\r\n" + b"x" * 1000
)
_ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
_PAYLOAD = b"x" * 200
_HOST = "127.0.0.1:9001"
_NEXT = "/2018-06-01/runtime/invocation/next"
_RESPONSE = "/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response"
_HEADERS = {
    "User-Agent": "lambda-streaming",
    "Content-Type": "application/vnd.awslambda.http-integration-response",
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Transfer-Encoding": "chunked",
    "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
}


def own() -> None:
    request_head("GET", _NEXT, _HOST, {"User-Agent": "lambda-streaming"})
    assert ResponseParser().feed(_EVENT) is not None
    _ = request_head("POST", _RESPONSE, _HOST, _HEADERS) + chunk(_PAYLOAD) + LAST_CHUNK
    assert ResponseParser().feed(_ACCEPTED) is not None


class WithH11:
    """h11 with a keep-alive connection, as the runtime would use it."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.CLIENT)

    def __call__(self) -> None:
        host = ("Host", _HOST)
        self._exchange(h11.Request(method="GET", target=_NEXT, headers=[host]), b"", _EVENT)
        headers = [host, *_HEADERS.items()]
        post = h11.Request(method="POST", target=_RESPONSE, headers=headers)
        self._exchange(post, _PAYLOAD, _ACCEPTED)

    def _exchange(self, request: h11.Request, payload: bytes, answer: bytes) -> None:
        self._connection.send(request)
        if payload:
            self._connection.send(h11.Data(data=payload))
        self._connection.send(h11.EndOfMessage())
        self._connection.receive_data(answer)
        while not isinstance(self._connection.next_event(), h11.EndOfMessage):
            pass
        self._connection.start_next_cycle()


def microseconds(framing: Callable[[], None]) -> float:
    """The time per event in the fastest of nine rounds."""
    rounds = []
    for _ in range(9):
        began = time.perf_counter()
        for _ in range(300):
            framing()
        rounds.append((time.perf_counter() - began) / 300 * 1e6)
    return min(rounds)


def import_milliseconds(modules: str) -> float:
    """How long importing these takes after asyncio, in a new process (median)."""
    code = (
        "import asyncio, time\nbegan = time.perf_counter()\n"
        f"import {modules}\nprint(time.perf_counter() - began)"
    )
    times = [
        float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(9)
    ]
    return statistics.median(times) * 1000
