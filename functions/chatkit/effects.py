"""What the page does besides showing the conversation, at the server's word."""

from chatkit.types import ClientEffectEvent


def tasks_changed() -> ClientEffectEvent:
    """Tells the page that its list of tasks is out of date."""
    return ClientEffectEvent(name="tasks.changed", data={})
