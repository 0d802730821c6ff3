"""Numbers and steps in words for the person."""

from dataclasses import dataclass

import pytest

from functions.chatkit.formatting import counted, steps_in_words


@dataclass
class Step:
    done: str
    count: int = 1
    failed: bool = False


FAILED = Step("", 0, failed=True)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([Step("Created"), Step("Created")], "Created 2 tasks"),
        ([Step("Looked at", 5)], "Looked at 5 tasks"),
        ([Step("Asked about deleting", 7)], "Asked about deleting 7 tasks"),
        ([Step("Found", 0)], "Found no tasks"),
        ([Step("Looked at", 3), Step("Completed")], "Looked at 3 tasks, completed one task"),
        ([Step("Created"), FAILED], "Created one task, one step failed"),
        ([FAILED, FAILED], "2 steps failed"),
        ([], "Interrupted"),
    ],
)
def test_steps_are_summed_up(steps: list[Step], words: str) -> None:
    assert steps_in_words(steps) == words


@pytest.mark.parametrize(("count", "words"), [(0, "no tasks"), (1, "one task"), (5, "5 tasks")])
def test_tasks_are_counted(count: int, words: str) -> None:
    assert counted(range(count)) == words
