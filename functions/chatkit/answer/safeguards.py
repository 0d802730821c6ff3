"""Limits for one answer, whatever its model asks for."""

from typing import Any

from taskchat.identifiers import new_id
from taskchat.tools import MAX_OUTPUT_CHARACTERS, bounded

MAX_TOOL_CALLS = 30
"""How many tool calls one answer may make."""
MAX_ALL_OUTPUT_CHARACTERS = 150_000
"""For all tool outputs together, because each is sent to the model again at every later step."""
FREE_DELETIONS = 3
"""How many tasks one answer may delete without the person's confirmation."""

TOO_MANY_CALLS = f"This answer has made its {MAX_TOOL_CALLS} tool calls. Answer with what you have."


class Safeguards:
    """Counts what an answer's tools do, by call id, so that a retried call counts once."""

    def __init__(self) -> None:
        self.confirmation_id = new_id("cnf")
        self._calls: set[str] = set()
        self._deletions: dict[str, bool] = {}
        self._output_left = MAX_ALL_OUTPUT_CHARACTERS

    def may_call(self, call_id: str) -> bool:
        """Whether this tool call may be made. Counts it if so."""
        if call_id not in self._calls and len(self._calls) >= MAX_TOOL_CALLS:
            return False
        self._calls.add(call_id)
        return True

    def may_delete(self, call_id: str) -> bool:
        """Whether this call may delete a task. Otherwise the person must confirm it."""
        return self._deletions.setdefault(call_id, len(self._deletions) < FREE_DELETIONS)

    def bounded(self, result: dict[str, Any]) -> dict[str, Any]:
        """A tool's result, shortened to what may still be sent to the model."""
        return bounded(result, min(MAX_OUTPUT_CHARACTERS, self._output_left))

    def count_output(self, output: str) -> None:
        """Count an output that is sent to the model."""
        self._output_left -= len(output)
