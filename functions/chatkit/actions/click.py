"""A click in the middle of its transaction, and what it came to."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.widgets import Widget, WidgetJson
from taskchat.database import Connection
from taskchat.errors import BadRequestError
from taskchat.settings import LimitSettings


@dataclass(frozen=True, kw_only=True)
class Click:
    """One click, in the transaction that carries it out; `shown` is the widget clicked, locked."""

    connection: Connection
    limits: LimitSettings
    user_id: str
    timezone: ZoneInfo
    payload: dict[str, Any]
    shown: WidgetJson | None

    def id(self, name: str) -> str:
        """An id that the action needs. Raises `BadRequestError`."""
        value = self.optional_id(name)
        if value is None:
            raise BadRequestError(f"The action needs {name}.")
        return value

    def optional_id(self, name: str) -> str | None:
        """An id that the action may carry."""
        value = self.payload.get(name)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a click did: the widget in the old one's place, and a note for the model.

    `changed` says that tasks are no longer as the page shows them.
    """

    widget: Widget
    note: str | None = None
    changed: bool = True
