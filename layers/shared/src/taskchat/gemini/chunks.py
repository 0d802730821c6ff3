"""Corrects the chunks of a streamed answer before the client reads them.

The deviations were seen on Gemini's OpenAI-compatible endpoint, or on others that claim to be
compatible: https://ai.google.dev/gemini-api/docs/openai
"""

from collections.abc import Iterable
from typing import Any

from taskchat.gemini.tool_calls import ToolCallNormaliser

_TOKEN_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


class MalformedChunkError(ValueError):
    """An event of the stream is neither a chunk nor an error."""


class ChunkNormaliser:
    """Corrects one chunk after the other, and knows whether the answer has ended."""

    def __init__(self, used_call_ids: Iterable[str] = ()) -> None:
        self.finished = False
        """Whether a chunk had a finish reason."""
        self._used_call_ids = tuple(used_call_ids)
        self._calls: dict[int, ToolCallNormaliser] = {}

    def normalise(self, payload: object) -> dict[str, Any]:
        """One event's payload as a chunk, or as `{"error": …}`. Raises `MalformedChunkError`."""
        if (error := find_error(payload)) is not None:
            return error
        if not isinstance(payload, dict):
            raise MalformedChunkError(f"an event is a {type(payload).__name__}, not an object")
        choices = payload.get("choices") or []
        if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise MalformedChunkError("choices are not a list of objects")
        return {
            **payload,
            "choices": [self._choice(choice) for choice in choices],
            "usage": _usage(payload.get("usage")),
        }

    def _choice(self, choice: dict[str, Any]) -> dict[str, Any]:
        index = choice.get("index") or 0
        calls = self._calls.setdefault(index, ToolCallNormaliser(self._used_call_ids))
        delta = choice.get("delta")
        delta = dict(delta) if isinstance(delta, dict) else {}
        delta["tool_calls"] = calls.normalise(delta.get("tool_calls")) or None
        reason = _finish_reason(choice.get("finish_reason"), has_calls=calls.any_seen)
        self.finished = self.finished or reason is not None
        return {**choice, "index": index, "delta": delta, "finish_reason": reason}


def find_error(payload: object) -> dict[str, Any] | None:
    """The error in a body as `{"error": …}`. It may be wrapped in a list."""
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if isinstance(payload, dict) and payload.get("error"):
        return payload
    return None


def _finish_reason(reason: object, *, has_calls: bool) -> str | None:
    if not isinstance(reason, str) or not reason:
        return None
    if reason == "stop" and has_calls:
        return "tool_calls"
    # Gemini appends its own reason: "content_filter: PROHIBITED_CONTENT".
    return "content_filter" if reason.startswith("content_filter") else reason


def _usage(usage: object) -> dict[str, Any] | None:
    """The token counts, with 0 for missing ones. They are totals so far: the last ones count."""
    if not isinstance(usage, dict):
        return None
    return {**usage, **{name: usage.get(name) or 0 for name in _TOKEN_COUNTS}}
