"""Identifies the person behind a request: by bearer token, or by our page's session cookie."""

from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from taskchat.auth import TokenVerifier
from taskchat.clock import utc_now
from taskchat.errors import ForbiddenError, InvalidFieldsError, UnauthenticatedError
from taskchat.users import User

COOKIE_NAME = "auth_token"
FORWARDED_AUTHORIZATION = "x-forwarded-authorization"
MAX_COOKIE_TOKEN_LENGTH = 3_900
"""Browsers keep cookies of up to 4,096 bytes, name and attributes included (RFC 6265, 6.1)."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authenticator:
    """Identifies the person behind a request, and refuses writes from other sites' pages.

    A browser adds the cookie no matter which page sends the request. So a write with the cookie
    must come from a page of the same origin, or of `allowed_origins` (`https://host[:port]`).
    Behind a proxy that changes `Host` and does not send `X-Forwarded-Host`, list the public origin
    there.
    """

    def __init__(self, verifier: TokenVerifier, allowed_origins: tuple[str, ...]) -> None:
        self.verifier = verifier
        self._allowed_origins = frozenset(origin.lower() for origin in allowed_origins)

    async def authenticate(self, request: Request) -> User:
        """The person. Raises `UnauthenticatedError`, `ForbiddenError`, `AuthUnavailableError`."""
        token = read_bearer_token(request)
        if token is None:
            token = request.cookies.get(COOKIE_NAME)
            if not token:
                raise UnauthenticatedError("The request has no token.")
            if request.method not in SAFE_METHODS:
                self.check_origin(request)
        return (await self.verifier.verify(token)).user

    def check_origin(self, request: Request) -> None:
        """Raise `ForbiddenError` if the browser says that another site's page sends this.

        All current browsers send `Origin` or `Sec-Fetch-Site` with a write, and pages can forge
        neither. A request with neither, and without `Referer`, does not come from a browser.
        """
        headers = request.headers
        fetch_site = headers.get("sec-fetch-site")
        source = headers.get("origin")
        if source is None and fetch_site is None:
            source = headers.get("referer")
        if fetch_site == "same-origin" or (source is None and fetch_site in {None, "none"}):
            return
        if source is None or not self._is_ours(source, request):
            raise ForbiddenError("Changes from the page that sent this are not accepted.")

    def _is_ours(self, source: str, request: Request) -> bool:
        """Whether the source is a page of this host or of an allowed origin.

        If the request came over TLS, so must the page of this host: anybody on the network path can
        write a page without TLS.
        """
        try:
            parts = urlsplit(source.lower())
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return False
        origin = f"{parts.scheme}://{parts.netloc}"
        # A function URL has a host name of its own, so CloudFront's viewer function passes on the
        # public one. Other sites' pages cannot send that header unless CORS allows it.
        hosts = {request.headers.get("host", ""), request.headers.get("x-forwarded-host", "")}
        same_host = parts.netloc in {host.lower() for host in hosts}
        as_secure = parts.scheme == "https" or request.url.scheme == "http"
        return (same_host and as_secure) or origin in self._allowed_origins


def read_bearer_token(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header, or None.

    On the way to a function URL, CloudFront replaces that header with its own signature. The viewer
    function first copies the client's header to `X-Forwarded-Authorization`. Anybody may send that
    header: it asserts nothing, and its token is verified like any other.
    """
    for name in ("authorization", FORWARDED_AUTHORIZATION):
        scheme, _, token = request.headers.get(name, "").partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
    return None


def set_session_cookie(
    response: Response, token: str, *, expires_at: datetime, secure: bool
) -> None:
    """Keep the token in the browser until it expires, out of reach of scripts.

    Raises `InvalidFieldsError` if the token is too long: browsers would silently drop the cookie.
    """
    if len(token) > MAX_COOKIE_TOKEN_LENGTH:
        raise InvalidFieldsError(
            {"token": f"must have at most {MAX_COOKIE_TOKEN_LENGTH:,} characters to fit a cookie"}
        )
    response.set_cookie(
        COOKIE_NAME,
        token,
        max_age=max(0, int((expires_at - utc_now()).total_seconds())),
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def clear_session_cookie(response: Response, *, secure: bool) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(COOKIE_NAME, path="/", httponly=True, samesite="lax", secure=secure)
