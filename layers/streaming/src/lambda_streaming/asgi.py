"""The ASGI 3 types, and the one key that this server adds to the scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# 2.4: `send` raises OSError once nobody can receive the response any more.
VERSIONS = {"version": "3.0", "spec_version": "2.4"}

WaitUntil = Callable[[Awaitable[object]], None]
"""``scope["aws.wait_until"]``: work that must end before the environment may be frozen."""
