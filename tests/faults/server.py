"""Server processes that start in a moment, to be killed: forks of one that has imported everything.

Reads a line of JSON (the environment of a server) from standard input for each server to start, and
writes a line `pid port`. When standard input ends, so do all of them.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module

import uvicorn

from functions.chatkit.answer.loading import ASSISTANT
from local.app import create_app


def main() -> None:
    """See the module."""
    # Otherwise each server would spend a second on it at its first answer.
    import_module(ASSISTANT)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    children = []
    for line in sys.stdin:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(256)
            child = os.fork()
            if child == 0:
                serve(json.loads(line), listener)
            children.append(child)
            print(child, listener.getsockname()[1], flush=True)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def serve(environment: dict[str, str], listener: socket.socket) -> None:
    """Be a server, until the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    config = uvicorn.Config(create_app(environment), ws="none", log_level="critical")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
    os._exit(0)


if __name__ == "__main__":
    main()
