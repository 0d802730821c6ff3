"""What the buttons in the chat do. Each checks the person, and a second click changes nothing."""

from functions.chatkit.actions.clicks import Clicks
from functions.chatkit.actions.names import ActionName

__all__ = ["ActionName", "Clicks"]
