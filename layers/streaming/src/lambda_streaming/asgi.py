"""ASGI 3 types, and the type of ``scope["aws.wait_until"]``."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# 2.4: `send` raises OSError when the response can no longer be delivered.
VERSIONS = {"version": "3.0", "spec_version": "2.4"}

WaitUntil = Callable[[Awaitable[object]], None]
"""``scope["aws.wait_until"]``: registers work to finish before Lambda freezes the environment."""
