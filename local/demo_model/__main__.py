"""`python -m local.demo_model --port 9000`: the demo model alone.

It ends on SIGTERM and SIGINT, and with the process that started it.
"""

import argparse
import asyncio
import contextlib
import os
import socket

import uvicorn

from local.demo_model.app import FIRST_TOKEN_SECONDS, WORD_SECONDS, create_app

_PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Serve on 127.0.0.1 until terminated. Prints the address when it is known."""
    parser = argparse.ArgumentParser(prog="python -m local.demo_model", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--first-token-seconds", type=float, default=FIRST_TOKEN_SECONDS)
    parser.add_argument("--word-seconds", type=float, default=WORD_SECONDS)
    options = parser.parse_args()
    parent = (
        os.getppid()
    )  # read before the address is printed, because the parent may end after that

    listening = socket.create_server(("127.0.0.1", options.port))
    port = listening.getsockname()[1]
    app = create_app(
        first_token_seconds=options.first_token_seconds, word_seconds=options.word_seconds
    )
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    print(f"Demo model at http://127.0.0.1:{port}/v1/", flush=True)
    asyncio.run(_serve(uvicorn.Server(config), listening, parent))


async def _serve(server: uvicorn.Server, listening: socket.socket, parent: int) -> None:
    watching = asyncio.create_task(_end_with_parent(server, parent))
    await server.serve(sockets=[listening])
    watching.cancel()


async def _end_with_parent(server: uvicorn.Server, parent: int) -> None:
    while not server.should_exit:
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
        if os.getppid() != parent:
            server.should_exit = True


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
