"""The main loop of an environment: fetch an event, run the application, finish the response."""

import asyncio
import logging
import os

from lambda_streaming.asgi import Application
from lambda_streaming.background import Background
from lambda_streaming.context import set_current_context
from lambda_streaming.cycle import CycleState, HttpCycle
from lambda_streaming.deadline import Deadline
from lambda_streaming.errors import (
    DeadlineExceededError,
    ErrorReport,
    ResponseRefusedError,
    RuntimeApiError,
    UnsupportedEventError,
)
from lambda_streaming.events import parse_event
from lambda_streaming.http1 import Response
from lambda_streaming.lifespan import Lifespan
from lambda_streaming.responses import BufferedResponse, ResponseWriter, StreamedResponse
from lambda_streaming.runtime_client import Invocation, RuntimeClient

logger = logging.getLogger(__name__)

_ACCEPTED, _SERVER_ERROR = 202, 500
_TRACE_ID_VARIABLE = "_X_AMZN_TRACE_ID"


class Poller:
    """Fetches one event at a time and runs the application on it."""

    def __init__(
        self,
        client: RuntimeClient,
        application: Application,
        lifespan: Lifespan,
        *,
        buffered: bool,
        alone: bool,
    ) -> None:
        """``alone``: this is the process's only poller, so it may set environment variables."""
        self._client = client
        self._application = application
        self._lifespan = lifespan
        self._buffered = buffered
        self._alone = alone
        self.busy = False

    async def run(self) -> None:
        """Run until cancelled. Raises ``RuntimeApiError``."""
        try:
            while True:
                invocation = await self._client.next()
                self.busy = True
                set_current_context(invocation.context)
                if self._alone:
                    _export_trace_id(invocation.context.trace_id)
                await self._invoke(invocation)
                set_current_context(None)
                self.busy = False
        finally:
            self._client.close()

    async def _invoke(self, invocation: Invocation) -> None:
        try:
            request = parse_event(invocation.payload, invocation.context)
        except UnsupportedEventError as error:
            await self._report(invocation, error)
            return
        deadline = Deadline.before(invocation.context.deadline_ms)
        background = Background()
        request.scope["state"] = self._lifespan.request_state()
        request.scope["aws.wait_until"] = background.wait_until
        cycle = HttpCycle(request.scope, request.body)
        writer: ResponseWriter
        if self._buffered:
            writer = BufferedResponse(self._client, invocation, request)
        else:
            writer = StreamedResponse(self._client, invocation, cycle.refuse)
        task = asyncio.Task(
            cycle.run(self._application, writer),
            loop=asyncio.get_running_loop(),
            eager_start=True,
        )
        if not task.done():
            await asyncio.wait([task], timeout=deadline.seconds_left())
        if task.done():
            await self._conclude(invocation, cycle, writer, task)
        else:
            await self._end_late(cycle, writer, task, deadline)
        await background.finish(deadline.seconds_left(), deadline.margin / 2)

    async def _conclude(
        self,
        invocation: Invocation,
        cycle: HttpCycle,
        writer: ResponseWriter,
        task: asyncio.Task[None],
    ) -> None:
        """Finish an invocation whose application has returned or raised."""
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None and cycle.state is not CycleState.COMPLETE:
            if cycle.state is CycleState.REFUSED:
                logger.debug("The application ended without its response", exc_info=error)
            elif writer.begun:
                logger.error("The application failed after its response began", exc_info=error)
                await _fail(writer, ErrorReport.of(error))
            else:
                await self._report(invocation, error)
                return
        elif error is not None and not isinstance(error, ResponseRefusedError):
            logger.error("The application failed after its response", exc_info=error)
        await self._acknowledge(writer)

    async def _end_late(
        self,
        cycle: HttpCycle,
        writer: ResponseWriter,
        task: asyncio.Task[None],
        deadline: Deadline,
    ) -> None:
        """Finish an invocation whose application is still running at the deadline."""
        if cycle.state is CycleState.COMPLETE:
            logger.error("The application was still at work after its response at the deadline")
        else:
            error = DeadlineExceededError("the application did not end its response in time")
            logger.error("The deadline came before the end of the response")
            cycle.refuse()
            await _time_out(writer, ErrorReport.of(error))
        task.cancel()
        await self._acknowledge(writer)
        await asyncio.wait([task], timeout=deadline.margin / 2)
        if not task.done():
            logger.error("The application did not let itself be cancelled")

    async def _report(self, invocation: Invocation, error: BaseException) -> None:
        """Report an error to Lambda instead of a response."""
        logger.error("The invocation failed", exc_info=error)
        try:
            response = await self._client.post_error(invocation, ErrorReport.of(error))
        except RuntimeApiError:
            logger.exception("The report of an error was lost")
        else:
            _check("/error", response)

    async def _acknowledge(self, writer: ResponseWriter) -> None:
        """Wait until the Runtime API has the response; it does not accept ``/next`` before."""
        try:
            response = await writer.acknowledged()
        except RuntimeApiError:
            logger.exception("The response was lost")
        else:
            _check("/response", response)


async def _time_out(writer: ResponseWriter, report: ErrorReport) -> None:
    try:
        if not writer.begun:
            writer.start(504, [(b"content-type", b"text/plain; charset=utf-8")])
            await writer.write(b"The function ran out of time.\n")
        await writer.fail(report)
    except ResponseRefusedError as error:
        logger.debug("There was nobody to tell of the deadline", exc_info=error)


async def _fail(writer: ResponseWriter, report: ErrorReport) -> None:
    try:
        await writer.fail(report)
    except ResponseRefusedError as error:
        logger.debug("There was nobody to tell of the error", exc_info=error)


def _check(what: str, response: Response) -> None:
    """Raises ``RuntimeApiError`` for a 5xx, after which AWS's documentation says to exit."""
    if response.status >= _SERVER_ERROR:
        message = f"the Runtime API answered {what} with {response}"
        raise RuntimeApiError(message)
    if response.status != _ACCEPTED:
        logger.error("The Runtime API refused a %s: %s", what, response)


def _export_trace_id(trace_id: str | None) -> None:
    if trace_id is None:
        os.environ.pop(_TRACE_ID_VARIABLE, None)
    else:
        os.environ[_TRACE_ID_VARIABLE] = trace_id
