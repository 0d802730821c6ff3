"""Finds tasks by the words that a person uses for them."""

import re
from collections.abc import Iterable

from local.demo_model.conversation import Task

_SMALL_WORDS = frozenset({"the", "my", "a", "an", "to", "of", "for", "and", "with"})


def find_by_title(wanted: str, tasks: Iterable[Task]) -> list[Task]:
    """Tasks with exactly this title, or else tasks whose title has all its words in any form."""
    tasks = list(tasks)
    exact = [task for task in tasks if _words(task["title"]) == _words(wanted)]
    if exact:
        return exact
    stems = [stem(word) for word in _words(wanted) if word not in _SMALL_WORDS]
    return [
        task
        for task in tasks
        if stems and all(any(w.startswith(s) for w in _words(task["title"])) for s in stems)
    ]


def stem(word: str) -> str:
    """What all forms of a word begin with: "grocer" for "groceries" and "grocery"."""
    return re.sub(r"(?:ies|y|s)$", "", word) if len(word) > len("abc") else word


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
