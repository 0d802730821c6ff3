"""A handler for two runtimes: this package's, which streams, and the managed one, which cannot."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, overload

from lambda_streaming.asgi import Application
from lambda_streaming.background import Background
from lambda_streaming.context import LambdaContext, set_current_context
from lambda_streaming.cycle import HttpCycle
from lambda_streaming.deadline import Deadline
from lambda_streaming.errors import DeadlineExceededError
from lambda_streaming.events import read_event
from lambda_streaming.lifespan import Lifespan
from lambda_streaming.responses import WholeResponse

logger = logging.getLogger(__name__)


class Handler:
    """`handler = Handler(create_app)`: streams if it can, or returns the response as a whole.

    This package's runtime calls it without arguments and gets the application. If
    `AWS_LAMBDA_EXEC_WRAPPER` is missing or ignored, Lambda's own runtime client calls it with event
    and context, and gets the whole response in the format of a proxy integration.
    """

    def __init__(self, create: Callable[[], Application]) -> None:
        self._create = create
        self._environment: _ManagedEnvironment | None = None

    @overload
    def __call__(self) -> Application: ...
    @overload
    def __call__(self, event: Any, context: LambdaContext) -> dict[str, Any]: ...

    def __call__(
        self, event: Any = None, context: LambdaContext | None = None
    ) -> Application | dict[str, Any]:
        """Raises what the application raises, and ``ReportedError`` for an incomplete response."""
        if context is None:
            return self._create()
        if self._environment is None:
            logger.warning(
                "The response is sent whole: AWS_LAMBDA_EXEC_WRAPPER does not start the streaming "
                "runtime"
            )
            self._environment = _ManagedEnvironment(self._create())
        return self._environment.answer(event, context)

    def close(self) -> None:
        """Shut the application down. Lambda never calls this."""
        if self._environment is not None:
            self._environment.close()
            self._environment = None


class _ManagedEnvironment:
    """The application's event loop and lifespan, which last as long as the process.

    The loop runs only during invocations, because Lambda freezes the process between them.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._loop = asyncio.new_event_loop()
        self._lifespan = self._loop.run_until_complete(self._start())

    async def _start(self) -> Lifespan:
        lifespan = Lifespan(self._application)
        await lifespan.startup()
        return lifespan

    def answer(self, event: Any, context: LambdaContext) -> dict[str, Any]:
        return self._loop.run_until_complete(self._answer(event, context))

    def close(self) -> None:
        self._loop.run_until_complete(self._lifespan.shutdown())
        self._loop.close()

    async def _answer(self, event: Any, context: LambdaContext) -> dict[str, Any]:
        set_current_context(context)
        request = read_event(event, context)
        deadline = Deadline.before(int(time.time() * 1000) + context.get_remaining_time_in_millis())
        background = Background()
        request.scope["state"] = self._lifespan.request_state()
        request.scope["aws.wait_until"] = background.wait_until
        cycle = HttpCycle(request.scope, request.body)
        response = WholeResponse(request)
        task = asyncio.create_task(cycle.run(self._application, response))
        await asyncio.wait([task], timeout=deadline.seconds_left())
        if not task.done():
            cycle.refuse()
            task.cancel()
            await asyncio.wait([task], timeout=deadline.margin / 2)
            message = "the application did not end its response in time"
            raise DeadlineExceededError(message)
        task.result()
        await background.finish(deadline.seconds_left(), deadline.margin / 2)
        return response.document()
