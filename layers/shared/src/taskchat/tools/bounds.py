"""Limits how much of a tool's output a model gets."""

import json
from typing import Any

MAX_OUTPUT_CHARACTERS = 20_000
"""The most characters of one tool's output that the model gets."""


def bounded(result: dict[str, Any], most: int) -> dict[str, Any]:
    """The result in at most `most` characters of JSON; `left_out` says what is missing.

    Lists are cut at their end. If that is not enough, only `left_out` remains.
    """
    cut = result
    lists = {name: value for name, value in result.items() if isinstance(value, list)}
    while _length(cut) > most and any(lists.values()):
        longest = max(lists, key=lambda name: _length(lists[name]))
        # Halved each time: dropping one member at a time would serialise the list thousands of
        # times.
        lists[longest] = lists[longest][: len(lists[longest]) // 2]
        left_out = sum(len(result[name]) - len(kept) for name, kept in lists.items())
        note = f"{left_out} more did not fit. Ask for fewer, by filters or limit."
        cut = {**result, **lists, "left_out": note}
    return cut if _length(cut) <= most else {"left_out": "The result is too long to be shown."}


def _length(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))
