"""A click, and its effect."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.widgets import Widget, WidgetJson
from taskchat.database import Connection
from taskchat.errors import BadRequestError
from taskchat.settings import LimitSettings


@dataclass(frozen=True, kw_only=True)
class Click:
    """One click, in the transaction that carries it out. `shown` is the clicked widget, locked."""

    connection: Connection
    limits: LimitSettings
    user_id: str
    timezone: ZoneInfo
    payload: dict[str, Any]
    shown: WidgetJson | None

    def id(self, name: str) -> str:
        """An id that the action requires. Raises `BadRequestError`."""
        value = self.optional_id(name)
        if value is None:
            raise BadRequestError(f"The action needs {name}.")
        return value

    def optional_id(self, name: str) -> str | None:
        """An id that the action may have."""
        value = self.payload.get(name)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The effect of a click: the widget that replaces the clicked one, and a note for the model.

    `changed` says that the tasks on the page are out of date.
    """

    widget: Widget
    note: str | None = None
    changed: bool = True
