"""An audit hook that refuses and records connections to other hosts, for all tests.

`tests/conftest.py` installs it in the test process. `network_guard/sitecustomize.py` installs it in
every Python process that tests start with `child_environment`. It uses only the standard library,
because that file runs in any interpreter.
"""

import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

RECORD_VARIABLE = "TEST_NETWORK_RECORD"
"""Names the file that gets a line for each refused connection."""

_SITE_DIRECTORY = Path(__file__).parent / "network_guard"
_ADDRESS_AT = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
_HOST_AT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}


class NetworkForbiddenError(OSError):
    """A test tried to reach another host."""


def install() -> None:
    """Guard this process for its whole life, because an audit hook cannot be removed."""
    sys.addaudithook(_refuse_other_hosts)


def child_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment for a child process, plus the guard and `variables`."""
    path = [str(_SITE_DIRECTORY), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    guard = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, path))),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**os.environ, **guard, **variables}


def _refuse_other_hosts(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _ADDRESS_AT:
        connection, address = arguments[0], arguments[_ADDRESS_AT[event]]
        if connection.family not in {socket.AF_INET, socket.AF_INET6} or address is None:
            return
        host = address[0]
    elif event in _HOST_AT:
        host = arguments[_HOST_AT[event]]
    else:
        return
    if not _is_this_host(host):
        message = f"{event} to {host!r} by {sys.argv}"
        if record := os.environ.get(RECORD_VARIABLE):
            with Path(record).open("a", encoding="utf-8") as file:
                file.write(message + "\n")
        raise NetworkForbiddenError(message)


def _is_this_host(host: str | bytes | None) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
