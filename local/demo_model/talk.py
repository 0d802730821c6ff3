"""What the demo model says when a message is not a request about tasks."""

import re

WHAT_IT_CAN = (
    "I can create, list, change, complete and delete tasks. "
    "Try “Create a task to call mom tomorrow at 5pm”, “What is due this week?”, "
    "“Make it high priority”, “Mark it done” or “Delete all completed tasks”."
)
WHICH_TASK = "What is there to do? Try “Add a task to call mom tomorrow at 5pm”."
LABEL = "(Demo model) "
"""The beginning of a conversation's first answer."""

_ANSWERS = (
    (r"\b(?:help|what (?:can|do) you do|how does this work|who are you)\b", WHAT_IT_CAN),
    (r"\b(?:thanks|thank you|thx|great|perfect)\b", "You are welcome!"),
    (r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b", f"Hello! {WHAT_IT_CAN}"),
    (r"^(?:bye|goodbye)\b", "Goodbye!"),
    (r"^undo\b", "To undo a change, use the Undo button beside it."),
    (r"^(?:cancel|stop|never ?mind|no|yes|ok|okay)$", "All right. What shall I do?"),
)


def small_talk(text: str) -> str:
    """The answer to a message that is not a request about tasks or was not understood."""
    for pattern, answer in _ANSWERS:
        if re.search(pattern, text, re.IGNORECASE):
            return answer
    return (
        "I am only a demo model that knows a few plain requests, and this is not one of them. "
        f"{WHAT_IT_CAN}"
    )
