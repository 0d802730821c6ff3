"""What one answer may do at most, whatever its model asks for."""

import json
from typing import Any

from taskchat.identifiers import new_id

MAX_TOOL_CALLS = 30
"""How many tool calls one run makes."""
MAX_OUTPUT_CHARACTERS = 20_000
"""How much of one tool's output the model gets."""
MAX_ALL_OUTPUT_CHARACTERS = 150_000
"""How much of all of them together, since each goes to the model again at every later step."""
FREE_DELETIONS = 3
"""How many tasks one answer may delete without the person's confirmation."""

TOO_MANY_CALLS = f"This answer has made its {MAX_TOOL_CALLS} tool calls. Answer with what you have."


class Safeguards:
    """Counts what an answer's tools have done, by their call ids: a call that is retried is one."""

    def __init__(self) -> None:
        self.confirmation_id = new_id("cnf")
        self._calls: set[str] = set()
        self._deletions: dict[str, bool] = {}
        self._output_left = MAX_ALL_OUTPUT_CHARACTERS

    def may_call(self, call_id: str) -> bool:
        """Whether one more tool call may be made."""
        if call_id not in self._calls and len(self._calls) >= MAX_TOOL_CALLS:
            return False
        self._calls.add(call_id)
        return True

    def may_delete(self, call_id: str) -> bool:
        """Whether a call may delete a task; otherwise the person must be asked."""
        return self._deletions.setdefault(call_id, len(self._deletions) < FREE_DELETIONS)

    def bounded(self, result: dict[str, Any]) -> dict[str, Any]:
        """A tool's result, cut to what may still go to the model."""
        return bounded(result, min(MAX_OUTPUT_CHARACTERS, self._output_left))

    def count_output(self, output: str) -> None:
        """Count what goes to the model."""
        self._output_left -= len(output)


def bounded(result: dict[str, Any], most: int) -> dict[str, Any]:
    """The result in at most `most` characters of JSON; `left_out` says what is missing.

    Lists lose their last members; where that is not enough, nothing is left but `left_out`.
    """
    cut = result
    lists = {name: value for name, value in result.items() if isinstance(value, list)}
    while _length(cut) > most and any(lists.values()):
        longest = max(lists, key=lambda name: _length(lists[name]))
        # Half of it at a time: thousands of members would otherwise be written as often.
        lists[longest] = lists[longest][: len(lists[longest]) // 2]
        left_out = sum(len(result[name]) - len(kept) for name, kept in lists.items())
        note = f"{left_out} more did not fit. Ask for fewer, by filters or limit."
        cut = {**result, **lists, "left_out": note}
    return cut if _length(cut) <= most else {"left_out": "The result is too long to be shown."}


def _length(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))
