"""An application with SnapStart hooks, which says what happened in which order."""

import asyncio
import os

from snapshot_restore_py import register_after_restore, register_before_snapshot

from lambda_streaming.asgi import Receive, Scope, Send
from tests.protocol.streaming.applications import answer_json

EVENTS = ["import"]


def _has_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def note(event: str) -> None:
    EVENTS.append(f"{event}, loop: {_has_loop()}")
    if os.environ.get("FAIL_AT") == event:
        message = f"{event} failed"
        raise ValueError(message)


register_before_snapshot(note, "before 1")
register_before_snapshot(note, "before 2")
register_after_restore(note, event="after 1")
register_after_restore(note, "after 2")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        note("startup")
        if os.environ.get("FAIL_AT") == "lifespan":
            await send({"type": "lifespan.startup.failed", "message": "lifespan failed"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await answer_json(send, EVENTS)


def handler() -> object:
    note("made")
    return application
