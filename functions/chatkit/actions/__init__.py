"""What the buttons in the chat do. Each checks the person, and a second click changes nothing."""

from functions.chatkit.actions.names import ActionName
from functions.chatkit.actions.perform import Performed, perform

__all__ = ["ActionName", "Performed", "perform"]
