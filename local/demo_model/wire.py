"""Answers in the format of Gemini's OpenAI-compatible endpoint, including its quirks.

All tool calls come in one chunk, each with index 0 and an empty id. The finish reason is always
`stop`. Each chunk has the token counts so far. Errors come in a list. If the model's name contains
"gemini", the first call of each response has a signature, which must be sent back within the turn.
"""

import json
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from local.demo_model.calls import Call
from local.demo_model.conversation import Message

DONE = b"data: [DONE]\n\n"
_ID = "chatcmpl-demo"
_SIGNATURE = "ZGVtby1tb2RlbC10aG91Z2h0"


class Wire:
    """Writes one answer in the name of `model`. `created` is in seconds since 1970."""

    def __init__(self, model: str, messages: Sequence[Message], created: int) -> None:
        self._model = model
        self._created = created
        self._prompt_tokens = _tokens(json.dumps(messages, ensure_ascii=False))

    def text_chunks(self, text: str) -> Iterator[bytes]:
        """The text word by word."""
        said = ""
        for word in re.findall(r"\s*\S+|\s+$", text):
            said += word
            yield self._chunk({"content": word}, _tokens(said))

    def calls_chunk(self, calls: Sequence[Call]) -> bytes:
        """All calls at once."""
        return self._chunk({"tool_calls": self._calls(calls)}, _tokens(str(calls)))

    def last_chunk(self, said: str) -> bytes:
        """The end of the answer."""
        return self._chunk({}, _tokens(said), finish_reason="stop")

    def completion(self, text: str, calls: Sequence[Call]) -> dict[str, Any]:
        """The whole answer, not streamed."""
        message: Message = {"role": "assistant", "content": text or None}
        if calls:
            message["tool_calls"] = self._calls(calls)
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return self._envelope("chat.completion", choice, _tokens(text or str(calls)))

    def _calls(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = [
            {
                "index": 0,
                "id": "",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for call in calls
        ]
        if _signs(self._model):
            written[0]["extra_content"] = {"google": {"thought_signature": _SIGNATURE}}
        return written

    def _chunk(self, delta: Message, tokens: int, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}}
        if finish_reason is not None:
            choice["finish_reason"] = finish_reason
        payload = self._envelope("chat.completion.chunk", choice, tokens)
        return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"

    def _envelope(self, kind: str, choice: dict[str, Any], tokens: int) -> dict[str, Any]:
        return {
            "id": _ID,
            "object": kind,
            "created": self._created,
            "model": self._model,
            "choices": [choice],
            "usage": {
                "prompt_tokens": self._prompt_tokens,
                "completion_tokens": tokens,
                "total_tokens": self._prompt_tokens + tokens,
            },
        }


def error(status: int, message: str) -> JSONResponse:
    """An error in Gemini's format."""
    name = "NOT_FOUND" if status == HTTPStatus.NOT_FOUND else "INVALID_ARGUMENT"
    body = [{"error": {"code": status, "message": message, "status": name}}]
    return JSONResponse(body, status_code=status)


def lacks_signature(model: str, messages: Sequence[Message]) -> bool:
    """Whether a response with tool calls in the current turn came back without its signature."""
    if not _signs(model):
        return False
    asked = [i for i, message in enumerate(messages) if message.get("role") == "user"]
    turn = messages[asked[-1] :] if asked else ()
    first_calls = [message["tool_calls"][0] for message in turn if message.get("tool_calls")]
    return any(
        not call.get("extra_content", {}).get("google", {}).get("thought_signature")
        for call in first_calls
    )


def _signs(model: str) -> bool:
    return "gemini" in model.lower()


def _tokens(text: str) -> int:
    """An estimate: four characters per token."""
    return len(text) // 4 + 1
