"""The assistant, made while the process already answers what does not need it."""

import asyncio
from typing import TYPE_CHECKING

from functions.chatkit.answer.answer import AgentRun, Answer
from functions.chatkit.settings import ChatSettings
from taskchat.database import Database
from taskchat.secrets import read_secret

if TYPE_CHECKING:
    from functions.chatkit.answer.assistant import Assistant


class AssistantLoader:
    """Imports and makes the assistant in a thread of its own, from the start of the process.

    Importing agents and openai takes most of a cold start. Made within a running event loop.
    """

    def __init__(self, database: Database, settings: ChatSettings) -> None:
        self._database = database
        self._settings = settings
        self._assistant = self._load()

    def _load(self) -> "asyncio.Future[Assistant]":
        return asyncio.ensure_future(asyncio.to_thread(self._make))

    def _make(self) -> "Assistant":
        from functions.chatkit.answer.assistant import Assistant

        gemini = self._settings.gemini
        key = gemini.api_key.get_secret_value() if gemini.api_key else None
        return Assistant(
            self._database,
            gemini,
            key or read_secret(gemini.api_key_secret_arn or ""),
            self._settings.runs.tool_timeout_seconds,
        )

    async def start(self, answer: Answer) -> AgentRun:
        """Set the assistant to work on an answer, once it is there."""
        if self._assistant.done() and self._assistant.exception():
            self._assistant = self._load()  # such as after a secret that could not be read
        assistant = await asyncio.shield(self._assistant)
        return await assistant.start(answer)

    async def close(self) -> None:
        """Close the connections to the model."""
        (assistant,) = await asyncio.gather(self._assistant, return_exceptions=True)
        if not isinstance(assistant, BaseException):
            await assistant.close()
