"""Settings from environment variables: what is read, and one line that names what is wrong."""

import traceback

import pytest

from taskchat.errors import SettingsError
from taskchat.settings import (
    GEMINI_OPENAI_BASE_URL,
    AuthSettings,
    DatabaseSettings,
    GeminiSettings,
    LimitSettings,
    ModelSettings,
    RunSettings,
    WebSettings,
)

SECRET = "x" * 32


def test_reads_a_database_url() -> None:
    settings = DatabaseSettings.from_environment({"DATABASE_URL": " postgresql://h/db "})
    assert settings.url is not None
    assert settings.url.get_secret_value() == "postgresql://h/db"
    assert "postgresql" not in repr(settings)


def test_reads_a_database_on_aws() -> None:
    settings = DatabaseSettings.from_environment(
        {
            "DATABASE_HOST": "db.example",
            "DATABASE_PORT": "6432",
            "DATABASE_NAME": "tasks",
            "DATABASE_USER": "app",
            "DATABASE_SSLROOTCERT": "/opt/global-bundle.pem",
            "DATABASE_AUTH": "iam",
        }
    )
    assert (settings.host, settings.port, settings.auth) == ("db.example", 6432, "iam")


def test_the_model_has_defaults() -> None:
    settings = GeminiSettings.from_environment({"GEMINI_API_KEY": "key"})
    assert settings.base_url == GEMINI_OPENAI_BASE_URL
    assert settings.model == ModelSettings.from_environment({}).model == "gemini-2.5-flash"
    assert "'key'" not in repr(settings)


def test_limits_and_times_have_defaults() -> None:
    limits, runs = LimitSettings.from_environment({}), RunSettings.from_environment({})
    assert (limits.messages_per_minute, limits.messages_per_day) == (10, 100)
    assert (limits.runs_per_person, limits.followers_per_person) == (3, 6)
    assert (limits.changes_per_minute, limits.tasks_per_person) == (120, 10_000)
    assert (limits.tokens_per_day, limits.tokens_per_day_for_all) == (1_000_000, 0)
    assert (runs.run_timeout_seconds, runs.tool_timeout_seconds) == (120, 15)


def test_origins_are_separated_by_commas() -> None:
    origins = "https://a.example/, http://localhost:5173 ,,"
    settings = WebSettings.from_environment({"ALLOWED_ORIGINS": origins})
    assert settings.allowed_origins == ("https://a.example", "http://localhost:5173")
    assert settings.cookie_secure
    assert not WebSettings.from_environment({"COOKIE_SECURE": "false"}).cookie_secure


def test_an_empty_variable_counts_as_unset() -> None:
    settings = AuthSettings.from_environment({"JWT_SECRET": SECRET, "JWT_JWKS_URL": " "})
    assert settings.jwks_url is None


def test_other_variables_do_not_matter() -> None:
    LimitSettings.from_environment({"MESSAGES_PER_YEAR": "x", "PATH": "/bin"})


@pytest.mark.parametrize(
    ("group", "environment", "names"),
    [
        (DatabaseSettings, {}, "DATABASE_URL"),
        (DatabaseSettings, {"DATABASE_HOST": "h"}, "DATABASE_AUTH"),
        (DatabaseSettings, {"DATABASE_HOST": "h", "DATABASE_AUTH": "password"}, "DATABASE_AUTH"),
        (
            DatabaseSettings,
            {"DATABASE_HOST": "h", "DATABASE_AUTH": "secret"},
            "DATABASE_SECRET_ARN",
        ),
        (DatabaseSettings, {"DATABASE_HOST": "h", "DATABASE_AUTH": "iam"}, "DATABASE_SSLROOTCERT"),
        (
            DatabaseSettings,
            {"DATABASE_URL": "postgresql://h", "DATABASE_PORT": "many"},
            "DATABASE_PORT",
        ),
        (AuthSettings, {}, "JWT_SECRET"),
        (AuthSettings, {"JWT_SECRET": "x" * 31}, "JWT_SECRET"),
        (AuthSettings, {"JWT_JWKS_URL": "ftp://keys"}, "JWT_JWKS_URL"),
        (AuthSettings, {"JWT_SECRET": SECRET, "JWT_JWKS_URL": "https://keys"}, "JWT_JWKS_URL"),
        (GeminiSettings, {}, "GEMINI_API_KEY"),
        (
            GeminiSettings,
            {"GEMINI_API_KEY": "k", "GEMINI_BASE_URL": "gemini.example"},
            "GEMINI_BASE_URL",
        ),
        (LimitSettings, {"MESSAGES_PER_MINUTE": "0"}, "MESSAGES_PER_MINUTE"),
        (LimitSettings, {"MESSAGES_PER_DAY": "lots"}, "MESSAGES_PER_DAY"),
        (LimitSettings, {"RUNS_PER_PERSON": "0"}, "RUNS_PER_PERSON"),
        (LimitSettings, {"FOLLOWERS_PER_PERSON": "-1"}, "FOLLOWERS_PER_PERSON"),
        (LimitSettings, {"CHANGES_PER_MINUTE": "0"}, "CHANGES_PER_MINUTE"),
        (LimitSettings, {"TASKS_PER_PERSON": "none"}, "TASKS_PER_PERSON"),
        (LimitSettings, {"TOKENS_PER_DAY": "-1"}, "TOKENS_PER_DAY"),
        (LimitSettings, {"TOKENS_PER_DAY_FOR_ALL": "-1"}, "TOKENS_PER_DAY_FOR_ALL"),
        (RunSettings, {"RUN_TIMEOUT_SECONDS": "-1"}, "RUN_TIMEOUT_SECONDS"),
        (RunSettings, {"TOOL_TIMEOUT_SECONDS": "soon"}, "TOOL_TIMEOUT_SECONDS"),
        (WebSettings, {"COOKIE_SECURE": "perhaps"}, "COOKIE_SECURE"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_it(
    group: type[DatabaseSettings], environment: dict[str, str], names: str
) -> None:
    with pytest.raises(SettingsError) as failure:
        group.from_environment(environment)
    assert names in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://api.openai.com",
        "https://API.OpenAI.com:443/v1",
        "https://api.openai.com./v1",
        "https://user@api.openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://openai.com",
    ],
)
def test_openais_own_hosts_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="GEMINI_BASE_URL"):
        GeminiSettings.from_environment({"GEMINI_API_KEY": "k", "GEMINI_BASE_URL": url})


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8100/v1", "https://api.openai.com.example/v1", "https://notopenai.com"],
)
def test_other_hosts_are_accepted(url: str) -> None:
    environment = {"GEMINI_API_KEY": "k", "GEMINI_BASE_URL": url}
    assert GeminiSettings.from_environment(environment).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun%ter2@h/db",
        "postgresql://me:hun/ter2@h/db",
        "postgresql://me:hun@ter2@h/db",
        "postgresql://me:hunter2@[h/db",
        "postgresql://me:hunter2@h:5432x/db",
        "postgresql://me:hunter2@h/db?sslmod=require",
        "postgresql:/me:hunter2@h/db",
        "mysql://me:hunter2@h/db",
        "host=h password=hun ter2",
        "hunter2",
    ],
)
def test_a_malformed_database_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as failure:
        DatabaseSettings.from_environment({"DATABASE_URL": url})
    told = "".join(traceback.format_exception(failure.value))
    assert "hun" not in told
    assert "ter2" not in told


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///db?host=/tmp/socket",
        "postgresql://me:hun%2Fter%402@h1:1,h2:2/db?sslmode=require",
        "host=h port=5432 dbname=db password='hun ter2'",
        "postgresql://me:hun#ter?2@[::1]:5432/db",
    ],
)
def test_every_connection_string_of_postgres_is_taken(url: str) -> None:
    assert DatabaseSettings.from_environment({"DATABASE_URL": url}).url


def test_a_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(SettingsError) as failure:
        AuthSettings.from_environment({"JWT_SECRET": "hunter2"})
    assert "hunter2" not in str(failure.value)
