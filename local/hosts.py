"""Which names this machine's servers answer to.

A page anywhere can point its own name at 127.0.0.1 (DNS rebinding), and is then, to the browser, of
the same origin as what is served here: it could sign tokens and read everything.
"""

import re
from collections.abc import Collection

_HOST = re.compile(r"(?P<name>[^:/@\[\]]+)(?::\d+)?")


def is_allowed(host: str, allowed: Collection[str]) -> bool:
    """Whether the `Host` header names one of the allowed hosts, with whatever port."""
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower().removesuffix(".") in allowed
