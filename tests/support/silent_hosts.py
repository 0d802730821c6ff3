"""Database hosts that stop answering, each in a way of its own. All are ports on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

_READY = b"Z\0\0\0\x05I"
"""The server's message that a connection may be used."""


@contextmanager
def accepting_host() -> Iterator[int]:
    """Accepts connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def dropping_host() -> Iterator[int]:
    """Drops what is sent to it, as a firewall does, so that no connection is made.

    The kernel drops it: the queue of connections that wait to be accepted is full.
    """
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def vanishing_host(folder: str) -> Iterator[int]:
    """Leads to the Postgres server whose socket is in the folder, until a connection is ready.

    It answers nothing after that.
    """
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve() -> None:
            with suppress(OSError):  # the test is over
                client, _ = server.accept()
                stack.enter_context(client)
                upstream = stack.enter_context(socket.socket(socket.AF_UNIX))
                upstream.connect(f"{folder}/.s.PGSQL.5432")
                threading.Thread(target=_pipe, args=(client, upstream), daemon=True).start()
                _pipe(upstream, client, until=_READY)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def _pipe(source: socket.socket, target: socket.socket, until: bytes | None = None) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
            if until is not None and data.endswith(until):
                return
