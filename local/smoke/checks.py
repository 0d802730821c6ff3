"""The parts of each check of `make smoke`: an HTTP client, and functions that report a failure."""

import hashlib
from typing import Any

import httpx2

_TIMEOUT = httpx2.Timeout(30.0)
_FORBIDDEN = 403
_LONGEST_QUOTE = 200
OK = 200
UNAUTHENTICATED = 401


class SmokeError(Exception):
    """A check failed. The message says which."""


def client_of(url: str) -> httpx2.Client:
    """Create a client that adds the header that CloudFront needs."""
    hooks = {"request": [_hash_body]}
    return httpx2.Client(base_url=url.rstrip("/"), timeout=_TIMEOUT, event_hooks=hooks)


def _hash_body(request: httpx2.Request) -> None:
    """Add the body's hash: CloudFront signs requests to a function URL but does not hash bodies."""
    if request.method == "POST":
        request.headers["x-amz-content-sha256"] = hashlib.sha256(request.read()).hexdigest()


def document(response: httpx2.Response, *keys: str) -> dict[str, Any]:
    """Return the response's JSON object. Raises `SmokeError` if it is not one or lacks a key."""
    try:
        found: Any = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= set(keys):
        raise SmokeError(f"{_describe(response)}, which has no {' and '.join(keys)}")
    return found


def check(what: str, response: httpx2.Response, expected: int = OK) -> None:
    found = response.status_code
    reason = "" if found == expected else f"{_describe(response)} instead of {expected}"
    if found == _FORBIDDEN and expected != _FORBIDDEN and "x-request-id" not in response.headers:
        reason += (
            ". Something in front of the functions refuses it: CloudFront does if the body's hash "
            "is missing (x-amz-content-sha256), the function URL if CloudFront may not invoke it"
        )
    say(what, reason)


def _describe(response: httpx2.Response) -> str:
    request = response.request
    words = [f"{request.method} {request.url.path} answered {response.status_code}"]
    if request_id := response.headers.get("x-request-id"):
        words.append(f"(X-Request-Id {request_id})")
    if response.status_code != OK and response.text.strip():
        words.append(f"{response.text.strip()[:_LONGEST_QUOTE]!r}")
    return " ".join(words)


def say(what: str, wrong: str) -> None:
    if wrong:
        raise SmokeError(f"failed: {what}. {wrong}")
    print(f"  ✓ {what}")
