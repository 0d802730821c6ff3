"""Events that are not about the conversation itself."""

from chatkit.types import ClientEffectEvent, StreamOptions, StreamOptionsEvent


def stream_options() -> StreamOptionsEvent:
    """Tells what can be done with a stream; it comes before the events of a response."""
    return StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))


def tasks_changed() -> ClientEffectEvent:
    """Tells the page that its list of tasks is out of date."""
    return ClientEffectEvent(name="tasks.changed", data={})
