"""This project's functions as `make` built them, wired to what runs on this machine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from local.emulator.specification import FunctionSpec
from local.emulator.template import read_functions
from local.tokens import sign_token
from taskchat.settings import AuthSettings

# As the edge routes them; without a route it is only invoked.
ROUTES = {
    "ChatKitFunction": ("/api/chatkit",),
    "ApiFunction": ("/",),
    "McpFunction": ("/mcp", "/.well-known/oauth-protected-resource"),
    "MigrateFunction": (),
    "MaintenanceFunction": (),
}

# Settings that only a local function needs, so that the template does not declare them.
_LOCAL = {"ATTACHMENTS_DIRECTORY", "ATTACHMENTS_SECRET", "COOKIE_SECURE", "DATABASE_POOL_SIZE"}


def project_functions(
    build: Path, environment: Mapping[str, str], *, max_concurrency: int = 1
) -> list[FunctionSpec]:
    """The functions, whose variables take their values from `environment` where it has them.

    With `max_concurrency` an environment serves that many requests at once, if its runtime can.
    """
    functions = []
    for function in read_functions(build, ROUTES):
        several = "AWS_LAMBDA_EXEC_WRAPPER" in function.environment
        names = {*function.environment, *_LOCAL} & environment.keys()
        functions.append(
            replace(
                function,
                environment={**function.environment, **{name: environment[name] for name in names}},
                max_concurrency=max_concurrency if several else 1,
            )
        )
    return functions


def local_environment(environment: Mapping[str, str], *, pool_size: int) -> dict[str, str]:
    """What is set, with as many database connections as a function serves requests at once."""
    filled = {name: value for name, value in environment.items() if value}
    return {"DATABASE_POOL_SIZE": str(pool_size), **filled}


def sign_local_token(environment: Mapping[str, str], user: str = "alice") -> str | None:
    """A token that the functions take, or None where only a provider can sign one."""
    settings = AuthSettings.from_environment(environment)
    return sign_token(settings, user) if settings.secret else None
