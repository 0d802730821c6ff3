"""Gives Gemini's streamed tool calls the indexes and ids that clients of OpenAI's protocol expect.

OpenAI streams a call in fragments with the same `index`. Only the first one has the id and the
name. Gemini streams each call as a whole, always with index 0 or without an index, and perhaps
without an id. Clients that go by the index would join the arguments of two such calls. Here each
call gets its own index and id, and the fragments of one call keep the same ones.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from taskchat.identifiers import new_id


@dataclass
class _Call:
    index: int
    id: str
    source_id: str
    name: str = ""
    arguments: str = ""

    def is_whole(self) -> bool:
        """Whether the arguments are complete, so that the next name begins another call."""
        try:
            return isinstance(json.loads(self.arguments), dict)
        except ValueError:
            return False

    def is_continued_by(self, source_id: str, name: str) -> bool:
        if not name:
            return True
        if source_id and self.source_id and source_id != self.source_id:
            return False
        if self.name and name != self.name:
            return False
        return not self.is_whole()


class ToolCallNormaliser:
    """Rewrites the tool calls of one choice, delta by delta.

    `used_ids` are the call ids that the conversation already has, because some servers number the
    calls of each answer from zero.
    """

    def __init__(self, used_ids: Iterable[str] = ()) -> None:
        self._calls: list[_Call] = []
        self._open: dict[object, _Call] = {}
        self._ids = set(used_ids)

    @property
    def any_seen(self) -> bool:
        return bool(self._calls)

    def normalise(self, fragments: object) -> list[dict[str, Any]]:
        """The `tool_calls` of a delta, each with the index and id of its call."""
        if not isinstance(fragments, list):
            return []
        return [self._one(fragment) for fragment in fragments if isinstance(fragment, dict)]

    def _one(self, fragment: dict[str, Any]) -> dict[str, Any]:
        function = fragment.get("function")
        function = dict(function) if isinstance(function, dict) else {}
        source_id, name = _text(fragment.get("id")), _text(function.get("name"))
        arguments = _text(function.get("arguments"))

        call = self._call_of(fragment.get("index"), source_id, name)
        is_first = call is None
        if call is None:
            call = self._begin(fragment.get("index"), source_id)
        call.name = call.name or name
        call.arguments += arguments
        call.source_id = call.source_id or source_id
        return {
            **fragment,
            "index": call.index,
            "id": call.id if is_first else None,
            "type": (fragment.get("type") or "function") if is_first else None,
            "function": {**function, "name": name or None, "arguments": arguments},
        }

    def _call_of(self, source_index: object, source_id: str, name: str) -> _Call | None:
        """The call that the fragment continues, or None if it begins a new one."""
        candidates = [call for call in self._calls if source_id and call.source_id == source_id]
        if source_index in self._open:
            candidates.append(self._open[source_index])
        elif source_index is None and not name and self._calls:
            candidates.append(self._calls[-1])
        return next((call for call in candidates if call.is_continued_by(source_id, name)), None)

    def _begin(self, source_index: object, source_id: str) -> _Call:
        call_id = source_id if source_id and source_id not in self._ids else new_id("call")
        self._ids.add(call_id)
        call = _Call(index=len(self._calls), id=call_id, source_id=source_id)
        self._calls.append(call)
        self._open[source_index] = call
        return call


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
