"""One HTTP request and its response, as ASGI sees them."""

import asyncio
import enum

from lambda_streaming.asgi import Application, Message, Scope
from lambda_streaming.errors import (
    IncompleteResponseError,
    NoResponseError,
    ResponseRefusedError,
    UnexpectedMessageError,
)
from lambda_streaming.responses import ResponseCollector


class CycleState(enum.Enum):
    """The state of the response.

    * **WAITING**: the application has sent nothing. An error is reported instead of a response.
    * **STARTED**: it has sent ``http.response.start``. Status and headers are held until the first
      payload, since Lambda wants both together; an error is still reported instead of a response.
    * **STREAMING**: payload has been sent. An error can only end the response early.
    * **COMPLETE**: the last payload has been sent. The application may continue to work.
    * **REFUSED**: the rest cannot be delivered: the Runtime API refused it, or the deadline passed.
    """

    WAITING = enum.auto()
    STARTED = enum.auto()
    STREAMING = enum.auto()
    COMPLETE = enum.auto()
    REFUSED = enum.auto()


class HttpCycle:
    """Runs the application for one request and passes its response to a writer."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.state = CycleState.WAITING
        self._scope = scope
        self._body: bytes | None = body
        self._over = asyncio.Event()

    async def run(self, application: Application, writer: ResponseCollector) -> None:
        """Run the application.

        Raises what the application raises, and ``ReportedError`` if its response is incomplete.
        """
        self._writer = writer
        await application(self._scope, self.receive, self.send)
        if self.state is CycleState.STREAMING:
            message = "the application returned before the end of its response"
            raise IncompleteResponseError(message)
        if self.state in {CycleState.WAITING, CycleState.STARTED}:
            message = "the application returned without a response"
            raise NoResponseError(message)

    def refuse(self) -> None:
        """Accept no more of the response: ``send`` raises, ``receive`` disconnects."""
        if self.state is not CycleState.COMPLETE:
            self.state = CycleState.REFUSED
        self._over.set()

    async def receive(self) -> Message:
        if self._body is not None:
            message = {"type": "http.request", "body": self._body, "more_body": False}
            self._body = None
            return message
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if self.state is CycleState.REFUSED:
            text = "the response is not wanted any more"
            raise ResponseRefusedError(text)
        if self.state is CycleState.WAITING and kind == "http.response.start":
            self._writer.start(message["status"], message.get("headers", ()))
            self.state = CycleState.STARTED
        elif self.state in {CycleState.STARTED, CycleState.STREAMING} and (
            kind == "http.response.body"
        ):
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))
        else:
            text = f"the application sent {kind!r} while its response was {self.state.name}"
            raise UnexpectedMessageError(text)

    async def _send_body(self, data: bytes, *, more: bool) -> None:
        if not more:
            # Set before the first await, because the deadline may pass during it.
            self.state = CycleState.COMPLETE
            self._over.set()
            await self._writer.finish(data)
        elif data:
            self.state = CycleState.STREAMING
            await self._writer.write(data)
