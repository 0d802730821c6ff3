"""From what the application sends to the bytes on the wire."""

import asyncio

import h11
import pytest

from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi, Script


async def test_a_response_is_these_bytes(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    invocation = api.offer(function_url_event("/empty-chunks"))
    answer = await invocation.answered()
    prelude = b'{"statusCode":200,"headers":{"content-type":"text/plain"},"cookies":[]}'
    first = prelude + b"\0" * 8 + b"one"
    assert bytes(answer.raw) == b"".join(
        [
            b"POST /2018-06-01/runtime/invocation/%b/response HTTP/1.1\r\n"
            % invocation.request_id.encode(),
            b"Host: %b\r\n" % api.address.encode(),
            b"User-Agent: lambda-streaming\r\n",
            b"Content-Type: application/vnd.awslambda.http-integration-response\r\n",
            b"Lambda-Runtime-Function-Response-Mode: streaming\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n",
            b"\r\n",
            b"%x\r\n%b\r\n" % (len(first), first),
            b"3\r\ntwo\r\n",
            b"0\r\n\r\n",
        ]
    )


@pytest.mark.parametrize("path", ["/hello", "/chunks", "/empty", "/raise-after", "/raise-before"])
async def test_a_strict_http_server_reads_the_same(
    api: RuntimeApi, runtime: RuntimeProcess, path: str
) -> None:
    answer = await api.offer(function_url_event(path)).answered()
    judge = h11.Connection(h11.SERVER)
    judge.receive_data(bytes(answer.raw))
    data, trailers = b"", {}
    while True:
        event = judge.next_event()
        if isinstance(event, h11.Data):
            data += event.data
        elif isinstance(event, h11.EndOfMessage):
            trailers = {name.decode(): value.decode() for name, value in event.headers}
            break
        else:
            assert isinstance(event, h11.Request)
    assert data == answer.body
    assert trailers == {name.lower(): value for name, value in answer.trailers.items()}
    assert judge.trailing_data == (b"", False)


async def test_prelude_and_first_payload_leave_together_and_at_once(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/chunks", query="2,0.5"))
    answer = await invocation.answered()
    first = answer.pieces[0]
    assert first.data.count(b"\0" * 8) == 1
    assert not first.data.endswith(b"\0")
    assert first.at < answer.pieces[1].at - 0.3


async def test_ten_chunks_a_tenth_of_a_second_apart_arrive_as_they_are_sent(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/chunks", query="10,0.1")).answered()
    assert len(answer.pieces) == 10
    sent = [float(part.split(b":")[1]) for part in answer.payload.split(b";") if part]
    arrived = [piece.at for piece in answer.pieces]
    before_the_next = [at < later for at, later in zip(arrived, sent[1:], strict=False)]
    assert before_the_next.count(True) >= 8


@pytest.mark.parametrize(
    ("method", "status"), [("GET", 200), ("GET", 302), ("GET", 204), ("GET", 304), ("HEAD", 200)]
)
async def test_an_empty_response_has_a_byte_and_an_end(
    api: RuntimeApi, runtime: RuntimeProcess, method: str, status: int
) -> None:
    event = function_url_event("/empty", method=method, query=str(status))
    answer = await api.offer(event).answered()
    assert answer.whole
    assert answer.prelude == {
        "statusCode": status,
        "headers": {"location": "/elsewhere"},
        "cookies": [],
    }
    assert answer.payload == b"\n"


async def test_empty_messages_are_not_chunks(api: RuntimeApi, runtime: RuntimeProcess) -> None:
    answer = await api.offer(function_url_event("/empty-chunks")).answered()
    assert [piece.data[-3:] for piece in answer.pieces] == [b"one", b"two"]
    assert answer.payload == b"onetwo"


async def test_headers_are_joined_cookies_apart_and_framing_left_out(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/headers")).answered()
    assert answer.prelude == {
        "statusCode": 201,
        "headers": {"content-type": "text/plain", "vary": "Origin, Cookie", "x-latin": "caf\u00e9"},
        "cookies": ["a=1; Path=/; HttpOnly", "b=2"],
    }


async def test_a_compressed_body_is_refused_with_a_reason(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/compressed")).answered()
    assert answer.path.endswith("/error")
    assert answer.json()["errorType"] == "Runtime.InvalidResponse"
    assert "Content-Encoding" in answer.json()["errorMessage"]


async def test_headers_of_just_under_16_kilobytes_leave(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    overhead = len('{"statusCode":200,"headers":{"x-long":""},"cookies":[]}') + 8
    fits = await api.offer(
        function_url_event("/many-headers", query=str(16 * 1024 - overhead))
    ).answered()
    assert fits.body.index(b"\0" * 8) + 8 == 16 * 1024
    assert fits.payload == b"ok"


async def test_headers_of_more_than_16_kilobytes_are_an_error_and_no_hang(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/many-headers", query="16384")).answered()
    assert answer.path.endswith("/error")
    assert answer.json()["errorType"] == "Runtime.InvalidResponse"
    assert "16384" in answer.json()["errorMessage"]


async def test_sends_of_several_tasks_give_one_prelude(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    api.close_connections = True  # so that the response begins with a new connection
    answer = await api.offer(function_url_event("/parallel-sends")).answered()
    assert answer.body.count(b"statusCode") == 1
    assert sorted(answer.payload.split(b";")) == sorted([b"", *(b"%d" % n for n in range(10))])


async def test_the_application_waits_while_nobody_reads(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    event = function_url_event("/large", query="64")
    invocation = api.offer(event, script=Script(read_delay=0.05))
    await invocation.begun.wait()
    await asyncio.sleep(1)
    sent = runtime.text.count("sent ")
    assert sent < 400  # what the sockets' buffers take, of 1,024
    invocation.script.read_delay = 0
    answer = await invocation.answered(60)
    assert len(answer.payload) == 64 * 2**20


async def test_the_next_event_is_asked_for_after_the_acknowledgement(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/hello"), script=Script(accept_delay=0.4))
    answer = await invocation.answered()
    [_, second] = await api.wait_for("/next", 2)
    assert second.started >= answer.ended


async def test_a_payload_may_hold_what_looks_like_framing(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    event = function_url_event("/request", method="POST", body="0\r\n\r\n" + "\0" * 8)
    answer = await api.offer(event).answered()
    assert answer.whole
    assert answer.trailers == {}
    assert b"0\\r\\n\\r\\n" in answer.payload
