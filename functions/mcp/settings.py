"""What the MCP function reads from its environment."""

from dataclasses import dataclass
from typing import Self

from taskchat.settings import AuthSettings, DatabaseSettings, LimitSettings
from taskchat.settings_group import Environment


@dataclass(frozen=True)
class McpSettings:
    """Everything that this function reads from its environment."""

    database: DatabaseSettings
    auth: AuthSettings
    limits: LimitSettings

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Raises `SettingsError`."""
        return cls(
            database=DatabaseSettings.from_environment(environment),
            auth=AuthSettings.from_environment(environment),
            limits=LimitSettings.from_environment(environment),
        )
