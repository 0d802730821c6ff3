"""Loads the assistant while the process already serves requests that do not need it."""

import asyncio
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from functions.chatkit.answer.answer import AgentRun, Answer
from functions.chatkit.lean_imports import without_collection
from functions.chatkit.settings import ChatSettings
from taskchat.attachments.storage import FileStorage
from taskchat.database import Database
from taskchat.secrets import read_secret

if TYPE_CHECKING:
    from functions.chatkit.answer.assistant import Assistant

IDLE_SECONDS = 1.0
SWITCH_SECONDS = 0.0005
"""Python's switch interval during the import: how long the event loop may wait for the GIL."""

ASSISTANT = "functions.chatkit.answer.assistant"
"""The module whose import takes most of a cold start."""


class AssistantLoader:
    """Imports and creates the assistant in a thread, while the event loop serves requests.

    Importing agents and openai takes most of a cold start. Loading starts at once. With
    `when_needed` it starts with the first answer, which streams its first events meanwhile, or
    after `IDLE_SECONDS`. Must be created in a running event loop.
    """

    def __init__(
        self,
        database: Database,
        settings: ChatSettings,
        files: FileStorage | None,
        *,
        when_needed: bool,
    ) -> None:
        self._database = database
        self._files = files
        self._settings = settings
        self._assistant: asyncio.Future[Assistant] | None = None
        delay = IDLE_SECONDS if when_needed else 0
        self._timer = asyncio.get_running_loop().call_later(delay, self.load)

    def load(self) -> None:
        """Start loading, unless it has started. Tries again after a failure."""
        assistant = self._assistant
        if assistant is None or (assistant.done() and assistant.exception()):
            self._assistant = asyncio.ensure_future(asyncio.to_thread(self._make))

    def _make(self) -> "Assistant":
        if ASSISTANT not in sys.modules:
            _import_assistant()
        from functions.chatkit.answer.assistant import Assistant

        gemini = self._settings.gemini
        key = gemini.api_key.get_secret_value() if gemini.api_key else None
        return Assistant(
            self._database,
            gemini,
            key or read_secret(gemini.api_key_secret_arn or ""),
            files=self._files,
            limits=self._settings.limits,
            tool_timeout_seconds=self._settings.runs.tool_timeout_seconds,
        )

    async def start(self, answer: Answer) -> AgentRun:
        """Wait until the assistant is loaded, then start it on an answer."""
        self.load()
        assert self._assistant is not None
        assistant = await asyncio.shield(self._assistant)
        return await assistant.start(answer)

    async def close(self) -> None:
        """Close the connections to the model."""
        self._timer.cancel()
        if self._assistant is None:
            return
        (assistant,) = await asyncio.gather(self._assistant, return_exceptions=True)
        if not isinstance(assistant, BaseException):
            await assistant.close()


def _import_assistant() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with without_collection():
            import_module(ASSISTANT)
    finally:
        sys.setswitchinterval(usual)
