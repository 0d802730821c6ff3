"""Makes a thread's title from its first message."""

from chatkit.types import UserMessageContent

MAX_TITLE = 60


def title_from(content: list[UserMessageContent]) -> str | None:
    """The first words of the message, on one line, or None if it has no text."""
    words = " ".join("".join(part.text for part in content).split())
    if len(words) <= MAX_TITLE:
        return words or None
    cut = words[: MAX_TITLE - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
