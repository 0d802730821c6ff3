"""A thread's title, from the message that opened it."""

from chatkit.types import UserMessageContent

MAX_TITLE = 60


def title_from(content: list[UserMessageContent]) -> str | None:
    """The first words of the message, on one line; None where it has no words."""
    words = " ".join("".join(part.text for part in content).split())
    if len(words) <= MAX_TITLE:
        return words or None
    cut = words[: MAX_TITLE - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
