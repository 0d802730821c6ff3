"""Where the token comes from, and from where a write with the cookie is accepted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request
from starlette.responses import Response

from taskchat.auth import Identity
from taskchat.errors import (
    BadRequestError,
    ForbiddenError,
    InvalidFieldsError,
    UnauthenticatedError,
)
from taskchat.users import User
from taskchat.web import Authenticator, read_timezone
from taskchat.web.authentication import clear_session_cookie, set_session_cookie

LATER = datetime(2100, 1, 1, tzinfo=UTC)


class NameIsToken:
    """A verifier for which a token is the person's id."""

    async def verify(self, token: str) -> Identity:
        if token == "bad":
            raise UnauthenticatedError("The token is not valid.")
        return Identity(User(id=token), LATER)


def request(method: str = "GET", scheme: str = "https", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [(k.encode(), v.encode()) for k, v in ({"host": "app.example"} | named).items()]
    scope = {"type": "http", "method": method, "scheme": scheme, "path": "/", "headers": pairs}
    return Request(scope)


async def person(of: Request) -> str:
    authenticator = Authenticator(NameIsToken(), ("https://Front.example",))
    return (await authenticator.authenticate(of)).id


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_takes_the_bearer_token(scheme: str) -> None:
    assert await person(request(authorization=f"{scheme} alice")) == "alice"


async def test_takes_the_cookie() -> None:
    assert await person(request(cookie="theme=dark; auth_token=alice")) == "alice"


async def test_the_bearer_token_comes_first_even_if_it_is_not_valid() -> None:
    assert await person(request(authorization="Bearer alice", cookie="auth_token=bob")) == "alice"
    with pytest.raises(UnauthenticatedError):
        await person(request(authorization="Bearer bad", cookie="auth_token=bob"))


async def test_another_scheme_leaves_it_to_the_cookie() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=x, Signature=y"
    assert await person(request(authorization=signed, cookie="auth_token=alice")) == "alice"


async def test_takes_the_bearer_token_that_was_moved_for_a_signature() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=x, Signature=y"
    moved = "Bearer alice"
    assert await person(request(authorization=signed, x_forwarded_authorization=moved)) == "alice"
    with pytest.raises(UnauthenticatedError):
        await person(request(x_forwarded_authorization="Bearer bad", cookie="auth_token=bob"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic YTpi"},
        {"authorization": ""},
        {"cookie": "auth_token="},
        {"cookie": "other=1"},
    ],
)
async def test_asks_for_a_token_where_there_is_none(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError):
        await person(request(**headers))


ACCEPTED = [
    {"origin": "https://app.example"},
    {"origin": "https://APP.example"},
    {"origin": "https://front.example"},
    {"origin": "https://front.example", "sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-origin", "origin": "https://viewer.example"},
    {"sec_fetch_site": "same-origin"},
    {"sec_fetch_site": "none"},
    {"referer": "https://app.example/page?x=1"},
    {},
]
REFUSED = [
    {"origin": "https://evil.example"},
    {"origin": "https://app.example.evil.example"},
    {"origin": "https://app.example:8443"},
    {"origin": "http://front.example"},
    {"origin": "http://app.example"},
    {"referer": "http://app.example/page"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "file://app.example"},
    {"origin": "https://[broken"},
    {"origin": "https://evil.example", "referer": "https://app.example/"},
    {"origin": "https://evil.example", "sec_fetch_site": "same-site"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"referer": "https://evil.example/app.example"},
]


@pytest.mark.parametrize("headers", ACCEPTED)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_accepts_a_write_with_the_cookie_from_our_own_page(
    method: str, headers: dict[str, str]
) -> None:
    assert await person(request(method, cookie="auth_token=alice", **headers)) == "alice"


@pytest.mark.parametrize("headers", REFUSED)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_refuses_a_write_with_the_cookie_from_elsewhere(
    method: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ForbiddenError):
        await person(request(method, cookie="auth_token=alice", **headers))


async def test_a_page_at_the_host_that_a_proxy_forwards_is_ours() -> None:
    cookie = "auth_token=alice"
    ours = {"origin": "https://public.example", "x_forwarded_host": "public.example"}
    assert await person(request("POST", cookie=cookie, **ours)) == "alice"
    theirs = {**ours, "origin": "https://evil.example"}
    with pytest.raises(ForbiddenError):
        await person(request("POST", cookie=cookie, **theirs))


async def test_a_page_without_tls_is_ours_only_where_the_server_has_none_either() -> None:
    plain = {"cookie": "auth_token=alice", "origin": "http://app.example"}
    assert await person(request("POST", "http", **plain)) == "alice"
    # A proxy that ends TLS may not say so; a page that came by TLS is trusted all the same.
    secure = {"cookie": "auth_token=alice", "origin": "https://app.example"}
    assert await person(request("POST", "http", **secure)) == "alice"


async def test_reading_and_bearer_tokens_are_free_of_that() -> None:
    evil = {"origin": "https://evil.example"}
    assert await person(request("GET", cookie="auth_token=alice", **evil)) == "alice"
    assert await person(request("POST", authorization="Bearer alice", **evil)) == "alice"


def test_the_cookie_is_out_of_reach_of_scripts_and_ends_with_the_token() -> None:
    response = Response()
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    set_session_cookie(response, "alice", expires_at=expires_at, secure=True)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("auth_token=alice;")
    attributes = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= attributes
    assert attributes & {"max-age=3599", "max-age=3600"}


def test_the_cookie_can_do_without_tls_on_the_own_machine() -> None:
    response = Response()
    set_session_cookie(response, "alice", expires_at=LATER, secure=False)
    assert "secure" not in response.headers["set-cookie"].lower()


def test_a_token_that_no_browser_would_keep_is_refused() -> None:
    response = Response()
    with pytest.raises(InvalidFieldsError, match="cookie"):
        set_session_cookie(response, "x" * 4_096, expires_at=LATER, secure=True)
    assert "set-cookie" not in response.headers
    set_session_cookie(response, "x" * 3_900, expires_at=LATER, secure=True)
    assert len(response.headers["set-cookie"]) <= 4_096


def test_the_cookie_is_cleared() -> None:
    response = Response()
    clear_session_cookie(response, secure=True)
    assert 'auth_token=""' in response.headers["set-cookie"]
    assert "Max-Age=0" in response.headers["set-cookie"]


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Ushuaia", "UTC"])
def test_reads_the_time_zone(name: str) -> None:
    assert read_timezone(request(x_timezone=name)) == ZoneInfo(name)


@pytest.mark.parametrize("headers", [{}, {"x_timezone": " "}])
def test_the_time_zone_is_utc_where_none_is_named(headers: dict[str, str]) -> None:
    assert read_timezone(request(**headers)) == ZoneInfo("UTC")


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "Europe",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/../Europe/Berlin",
        "zone.tab",
        "a\0b",
        "ü",
        "x" * 5_000,
        "+02:00",
        "..",
        ".",
    ],
)
def test_refuses_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(BadRequestError, match="X-Timezone"):
        read_timezone(request(x_timezone=name))
