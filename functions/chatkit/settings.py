"""The settings of the chat function."""

from dataclasses import dataclass
from typing import Self

from taskchat.settings import (
    AttachmentSettings,
    AuthSettings,
    DatabaseSettings,
    GeminiSettings,
    LimitSettings,
    RunSettings,
    WebSettings,
)
from taskchat.settings_group import Environment


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    """All groups of settings that the chat needs."""

    database: DatabaseSettings
    auth: AuthSettings
    gemini: GeminiSettings
    limits: LimitSettings
    runs: RunSettings
    web: WebSettings
    attachments: AttachmentSettings

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read every group. Raises `SettingsError`."""
        return cls(
            database=DatabaseSettings.from_environment(environment),
            auth=AuthSettings.from_environment(environment),
            gemini=GeminiSettings.from_environment(environment),
            limits=LimitSettings.from_environment(environment),
            runs=RunSettings.from_environment(environment),
            web=WebSettings.from_environment(environment),
            attachments=AttachmentSettings.from_environment(environment),
        )
