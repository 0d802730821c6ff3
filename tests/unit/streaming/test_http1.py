"""HTTP/1.1 as the runtime reads and writes it, judged by h11."""

import contextlib
import itertools

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_streaming.http1 import (
    ProtocolError,
    Response,
    ResponseParser,
    chunk,
    last_chunk,
    request_head,
)


def server_side(body: bytes, headers: list[tuple[str, str]]) -> bytes:
    """A response as h11 writes it for a client that asked."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.next_event()
    server.next_event()
    events = [h11.Response(status_code=200, headers=headers), h11.Data(data=body)]
    return b"".join(server.send(event) or b"" for event in [*events, h11.EndOfMessage()])


def feed(data: bytes, cuts: list[int]) -> Response | None:
    """The parser's last word on data that comes in pieces."""
    parser = ResponseParser()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    response = None
    for start, end in itertools.pairwise(edges):
        assert response is None
        response = parser.feed(data[start:end])
    return response


@given(body=st.binary(max_size=300), chunked=st.booleans(), cuts=st.lists(st.integers(0, 10_000)))
def test_a_response_is_read_however_it_is_cut(body: bytes, chunked: bool, cuts: list[int]) -> None:
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    response = feed(server_side(body, [("X-Name", "a: b"), framing]), cuts)
    assert response is not None
    assert response.status == 200
    assert response.headers["x-name"] == "a: b"
    assert response.body == body


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=50)),
    trailers=st.dictionaries(
        st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True),
        st.from_regex(r"[a-zA-Z0-9+/=.]{1,20}", fullmatch=True),
        max_size=3,
    ),
)
def test_a_strict_server_reads_what_is_written(
    pieces: list[bytes], trailers: dict[str, str]
) -> None:
    server = h11.Connection(h11.SERVER)
    head = request_head("POST", "/a", "127.0.0.1:1", {"Transfer-Encoding": "chunked"})
    end = last_chunk({name: value.encode() for name, value in trailers.items()})
    server.receive_data(head + b"".join(map(chunk, pieces)) + end)
    body = b""
    while not isinstance(event := server.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            body += event.data
    assert body == b"".join(pieces)
    assert sorted(event.headers) == sorted(
        (name.lower().encode(), value.encode()) for name, value in trailers.items()
    )


def test_an_interim_response_is_passed_over() -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"
    response = feed(data, [])
    assert response == Response(202, {"content-length": "2"}, b"ok")


def test_a_response_without_a_length_has_no_body() -> None:
    assert feed(b"HTTP/1.1 202\r\n\r\n", []) == Response(202, {}, b"")


def test_a_server_may_say_that_it_closes() -> None:
    response = feed(b"HTTP/1.1 202 Accepted\r\nConnection: Close\r\n\r\n", [])
    assert response is not None
    assert response.closes


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore",
        b"x" * (1 << 20) + b"y",
    ],
)
def test_what_is_no_response_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        feed(data, [])


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data, [])
