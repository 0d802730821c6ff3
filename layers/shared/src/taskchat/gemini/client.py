"""The client for the language model."""

from typing import Final

import httpx2
import openai

from taskchat.gemini.transport import GeminiTransport
from taskchat.settings import GeminiSettings

TIMEOUT: Final = httpx2.Timeout(connect=5.0, read=60.0, write=15.0, pool=5.0)
"""Seconds. `read` limits the wait for the first token, and between two tokens."""

MAX_RETRIES: Final = 3
"""Retries after the first try, with backoff from half a second: about four seconds in all."""

_CONNECTIONS = 200
# Keeps as many idle connections as there may be active ones: a busy process needs as many again for
# its next answers, and each new connection would cost a TLS handshake before the first token.
_LIMITS = httpx2.Limits(
    max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS, keepalive_expiry=30.0
)


def create_client(settings: GeminiSettings, api_key: str) -> openai.AsyncOpenAI:
    """A client for the configured endpoint. Close it with `await client.close()`.

    It follows no redirects, so that requests go to this endpoint only.
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
    # The environment may set OpenAI's organization and project. This endpoint must not get them.
    client.organization = client.project = None
    return client
