"""Runs an environment from its first event to its last."""

import asyncio
import logging
import signal

from lambda_streaming.asgi import Application
from lambda_streaming.lifespan import Lifespan
from lambda_streaming.poller import Poller
from lambda_streaming.runtime_client import RuntimeClient
from lambda_streaming.settings import RuntimeSettings

logger = logging.getLogger(__name__)

# After SIGTERM, Lambda gives two seconds if there is an external extension; without one it sends no
# signal. Lambda ends idle environments, which need only the second of these times.
_DRAIN_SECONDS = 0.5
_SHUTDOWN_SECONDS = 1.2


async def serve(settings: RuntimeSettings, application: Application) -> None:
    """Answer events until SIGTERM, up to the configured number concurrently.

    Raises ``StartupError`` before the first event, ``RuntimeApiError`` when the Runtime API fails.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    lifespan = Lifespan(application)
    await lifespan.startup()
    pollers = {}
    for _ in range(settings.max_concurrency):
        poller = Poller(
            RuntimeClient(settings.runtime_api, settings.function),
            application,
            lifespan,
            buffered=settings.buffered,
            alone=settings.max_concurrency == 1,
        )
        pollers[asyncio.create_task(poller.run())] = poller
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*pollers, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done & pollers.keys():
            task.result()
    finally:
        await _end(pollers)
        await _shut_down(lifespan)


async def _end(pollers: dict[asyncio.Task[None], Poller]) -> None:
    for task, poller in pollers.items():
        if not poller.busy:
            task.cancel()
    await asyncio.wait(pollers, timeout=_DRAIN_SECONDS)
    for task in pollers:
        task.cancel()


async def _shut_down(lifespan: Lifespan) -> None:
    try:
        async with asyncio.timeout(_SHUTDOWN_SECONDS):
            await lifespan.shutdown()
    except TimeoutError:
        logger.exception("The application's shutdown took too long")
