"""Checks the host names that this machine's servers answer to.

Any website can point its own name at 127.0.0.1 (DNS rebinding). To the browser, its pages then have
the same origin as this server: without this check they could sign tokens and read everything.
"""

import re
from collections.abc import Collection

_HOST = re.compile(r"(?P<name>[^:/@\[\]]+)(?::\d+)?")


def is_allowed(host: str, allowed: Collection[str]) -> bool:
    """Tell whether the `Host` header names one of the allowed hosts, with any port."""
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower().removesuffix(".") in allowed
