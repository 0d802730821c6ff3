"""The one client that speaks to the language model."""

from typing import Final

import httpx2
import openai

from taskchat.gemini.transport import GeminiTransport
from taskchat.settings import GeminiSettings

TIMEOUT: Final = httpx2.Timeout(connect=5.0, read=60.0, write=15.0, pool=5.0)
"""Seconds. `read` is the longest silence: before the first token, and between two of them."""

MAX_RETRIES: Final = 3
"""Tries after the first one, with backoff from half a second: about four seconds in all."""

_LIMITS = httpx2.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=30.0)


def create_client(settings: GeminiSettings, api_key: str) -> openai.AsyncOpenAI:
    """A client on the configured endpoint; to be closed with `await client.close()`.

    It follows no redirect, so that requests go nowhere else.
    """
    transport = GeminiTransport(httpx2.AsyncHTTPTransport(limits=_LIMITS))
    client = openai.AsyncOpenAI(
        api_key=api_key,
        base_url=settings.base_url,
        timeout=TIMEOUT,
        max_retries=MAX_RETRIES,
        http_client=httpx2.AsyncClient(transport=transport, timeout=TIMEOUT),
        # A compressed stream would wait for the compressor's buffer.
        default_headers={"Accept-Encoding": "identity"},
    )
    # An account with OpenAI, should the environment name one, is not for this endpoint.
    client.organization = client.project = None
    return client
