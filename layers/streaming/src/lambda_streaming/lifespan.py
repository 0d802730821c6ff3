"""The ASGI lifespan, which runs once for each environment."""

import asyncio
import logging
from typing import Any

from lambda_streaming.asgi import VERSIONS, Application, Message
from lambda_streaming.errors import StartupError

logger = logging.getLogger(__name__)


class Lifespan:
    """Starts the application before the first invocation and shuts it down after the last.

    An application that raises before it answers does not support lifespans and runs without one.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._state: dict[str, Any] = {}

    def request_state(self) -> dict[str, Any]:
        """Return ``scope["state"]`` for a request: a shallow copy of the state after startup."""
        return self._state.copy()

    async def startup(self) -> None:
        """Raises ``StartupError`` if the application reports that its startup failed."""
        self._messages.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.create_task(self._run())
        await self._started

    async def shutdown(self) -> None:
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        if self._task is not None:
            await asyncio.wait([self._task, self._stopped], return_when=asyncio.FIRST_COMPLETED)

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": VERSIONS, "state": self._state}
        try:
            await self._application(scope, self._messages.get, self._send)
        except Exception:
            if self._started.done():
                logger.exception("The application's lifespan failed")
            else:
                logger.debug("The application does not support lifespans", exc_info=True)
        finally:
            if not self._started.done():
                self._started.set_result(None)

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "lifespan.startup.complete" if not self._started.done():
                self._started.set_result(None)
            case "lifespan.startup.failed" if not self._started.done():
                self._started.set_exception(StartupError(message.get("message", "")))
            case "lifespan.shutdown.complete" if not self._stopped.done():
                self._stopped.set_result(None)
            case "lifespan.shutdown.failed" if not self._stopped.done():
                logger.error("The application's shutdown failed: %s", message.get("message", ""))
                self._stopped.set_result(None)
            case kind:
                text = f"the application sent {kind!r} out of turn"
                raise RuntimeError(text)
