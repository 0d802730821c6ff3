"""The public keys of an OpenID Connect provider (JWKS, RFC 7517), fetched and cached."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
from jwt import PyJWK, PyJWTError

from taskchat.auth.errors import AuthUnavailableError

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 3600
"""How long keys are used before they are fetched again."""
REFETCH_SECONDS = 30
"""The least time between two fetches for unknown key ids: anybody can invent a key id."""
RETRY_SECONDS = 5
"""The least time between two fetches while the provider fails."""
FETCH_TIMEOUT_SECONDS = 5
MAX_BODY_BYTES = 256 * 1024

_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
KEY_SET_ALGORITHMS = frozenset(_ALGORITHMS.values())

_KeyId = tuple[str | None, str]  # the key's id, and the one algorithm that it is used with


class KeySet:
    """The keys at `url`.

    They are fetched when first needed, again after an hour, and again for an unknown key id, though
    then at most twice a minute. Concurrent callers share one fetch. While the provider is down, the
    known keys stay in use.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[_KeyId, PyJWK] = {}
        self._fetch: asyncio.Task[None] | None = None
        self._fetched_at: float | None = None
        self._not_before = float("-inf")

    async def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The key with that id for that algorithm; without an id, the key if there is only one.

        Raises `AuthUnavailableError` if no keys are known and none can be fetched.
        """
        key = self._lookup(key_id, algorithm)
        if key is None or self._is_old():
            await self._refresh()
            key = self._lookup(key_id, algorithm)
        if not self._keys:
            raise AuthUnavailableError("The sign-in service cannot be reached. Please try again.")
        return key

    def _lookup(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        if key_id is None:
            only = list(self._keys.items()) if len(self._keys) == 1 else []
            return next((key for (_, known), key in only if known == algorithm), None)
        return self._keys.get((key_id, algorithm))

    def _is_old(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > LIFETIME_SECONDS

    async def _refresh(self) -> None:
        if self._fetch is None:
            if self._clock() < self._not_before:
                return
            self._fetch = asyncio.create_task(self._fetch_keys())
        # Shielded: others wait for the fetch even if the request that started it is cancelled.
        await asyncio.shield(self._fetch)

    async def _fetch_keys(self) -> None:
        try:
            self._keys = _parse(await self._download())
            self._fetched_at = self._clock()
            self._not_before = self._fetched_at + REFETCH_SECONDS
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as error:
            self._not_before = self._clock() + RETRY_SECONDS
            logger.warning("The keys at %s could not be fetched: %r", self._url, error)
        finally:
            self._fetch = None

    async def _download(self) -> bytes:
        body = bytearray()
        async with (
            asyncio.timeout(FETCH_TIMEOUT_SECONDS),
            httpx2.AsyncClient(timeout=FETCH_TIMEOUT_SECONDS) as client,
            client.stream("GET", self._url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status_code != httpx2.codes.OK:
                raise ValueError(f"status {response.status_code}")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise ValueError(f"more than {MAX_BODY_BYTES} bytes")
        return bytes(body)


def _parse(body: bytes) -> dict[_KeyId, PyJWK]:
    """The usable signing keys; raises `ValueError` if there is none."""
    try:
        document = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    listed = document.get("keys") if isinstance(document, dict) else None
    keys: dict[_KeyId, PyJWK] = {}
    for entry in listed if isinstance(listed, list) else []:
        if (key := _signing_key(entry)) is not None:
            keys[key.key_id, key.algorithm_name] = key
    if not keys:
        raise ValueError("no key for RS256 or ES256")
    return keys


def _signing_key(entry: Any) -> PyJWK | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    key_type, key_id = entry.get("kty"), entry.get("kid")
    algorithm = _ALGORITHMS.get(key_type) if isinstance(key_type, str) else None
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    if algorithm == "ES256" and entry.get("crv") != "P-256":
        return None
    if key_id is not None and not isinstance(key_id, str):
        return None
    try:
        return PyJWK(entry, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
