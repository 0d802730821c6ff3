import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import network

# Reserved for documentation (RFC 5737): nobody has it, should the guard fail.
ELSEWHERE = "192.0.2.1"

ATTEMPTS = {
    "connect": f"socket.socket().connect(('{ELSEWHERE}', 443))",
    "datagram": f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 53))",
    "lookup": "socket.getaddrinfo('example.org', 443)",
    "http": "import urllib.request; urllib.request.urlopen('https://example.org')",
    "asyncio": (
        "import asyncio; asyncio.run(asyncio.wait_for("
        f"asyncio.open_connection('{ELSEWHERE}', 443), 5))"
    ),
}


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where refusals are written during the test, so that they do not fail it."""
    path = tmp_path / "record"
    path.touch()
    monkeypatch.setenv(network.RECORD_VARIABLE, str(path))
    return path


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_process_that_a_test_starts_cannot_reach_another_host(attempt: str, record: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import socket; {attempt}"],
        env=network.child_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "NetworkForbiddenError" in done.stderr
    assert len(record.read_text().splitlines()) == 1


def test_this_process_cannot_reach_another_host(record: Path) -> None:
    with socket.socket() as connection, pytest.raises(network.NetworkForbiddenError):
        connection.connect((ELSEWHERE, 443))
    with pytest.raises(network.NetworkForbiddenError):
        socket.getaddrinfo("example.org", 443)
    assert len(record.read_text().splitlines()) == 2


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_host_can_be_reached(host: str, record: Path) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        with socket.create_connection((host, server.getsockname()[1]), timeout=5):
            pass
    assert record.read_text() == ""
