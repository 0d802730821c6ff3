"""Status and headers on their way into the prelude."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_streaming.errors import InvalidResponseError
from lambda_streaming.prelude import render_prelude

NAMES = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)
VALUES = st.binary(max_size=30).filter(lambda value: not set(value) & {0, 10, 13})


@given(st.integers(200, 599), st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_a_prelude_is_json_and_eight_nul_bytes(
    status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    try:
        prelude = render_prelude(status, headers)
    except InvalidResponseError:
        assert any(name.lower() == b"content-encoding" for name, _ in headers)
        return
    text, separator, rest = prelude.partition(b"\0" * 8)
    assert separator
    assert rest == b""
    document = json.loads(text)
    assert document["statusCode"] == status
    assert not {"content-length", "transfer-encoding", "set-cookie"} & set(document["headers"])
    cookies = [value.decode("latin-1") for name, value in headers if name.lower() == b"set-cookie"]
    assert document["cookies"] == cookies


@pytest.mark.parametrize("status", [0, 100, 199, 600, "200", None])
def test_a_status_that_is_none_is_refused(status: int) -> None:
    with pytest.raises(InvalidResponseError, match="status"):
        render_prelude(status, [])


@pytest.mark.parametrize(
    "header", [(b"a b", b""), (b"", b""), (b"a", b"\n"), (b"a", b"\r"), (b"a", b"\0"), (b"a:", b"")]
)
def test_a_header_that_would_break_out_is_refused(header: tuple[bytes, bytes]) -> None:
    with pytest.raises(InvalidResponseError, match="header"):
        render_prelude(200, [header])


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"GZIP", b"identity, gzip"])
def test_a_content_encoding_is_refused(encoding: bytes) -> None:
    with pytest.raises(InvalidResponseError, match="Content-Encoding"):
        render_prelude(200, [(b"Content-Encoding", encoding)])
