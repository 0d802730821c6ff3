"""Events that are not about the conversation itself."""

from chatkit.types import ClientEffectEvent, StreamOptions, StreamOptionsEvent


def stream_options() -> StreamOptionsEvent:
    """Says what can be done with a stream. It comes first in a response."""
    return StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))


def tasks_changed() -> ClientEffectEvent:
    """Tells the page that its list of tasks is out of date."""
    return ClientEffectEvent(name="tasks.changed", data={})
