"""The built functions of this project, configured for the services on this machine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from local.emulator.specification import FunctionSpec
from local.emulator.template import read_functions
from local.tokens import sign_token
from taskchat.settings import AuthSettings

# The edge's routes. A function without a route can only be invoked directly.
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
    """Return the functions, whose variables take their values from `environment` if it has them.

    An environment handles up to `max_concurrency` requests at once, if its runtime supports that.
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
    """Return the non-empty variables, with `pool_size` as the default of `DATABASE_POOL_SIZE`."""
    filled = {name: value for name, value in environment.items() if value}
    return {"DATABASE_POOL_SIZE": str(pool_size), **filled}


def sign_local_token(environment: Mapping[str, str], user: str = "alice") -> str | None:
    """Return a token that the functions accept, or None if only a provider can sign one."""
    settings = AuthSettings.from_environment(environment)
    return sign_token(settings, user) if settings.secret else None
