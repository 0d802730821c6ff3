"""Loads the ASGI application that ``_HANDLER`` names."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any, cast

from lambda_streaming.asgi import Application
from lambda_streaming.errors import HandlerError


def load_application(handler: str) -> Application:
    """Return the application that ``module.attribute`` or ``path/to/module.attribute`` names.

    The attribute is an ASGI 3 application, or a callable without arguments that returns one; it is
    then called once. Raises ``HandlerError`` if there is no application, and lets exceptions from
    the application's own code through.
    """
    module_name, dot, attribute = handler.replace("/", ".").rpartition(".")
    if not dot or not module_name or not attribute:
        message = f"Bad handler {handler!r}: it must be module.attribute"
        raise HandlerError("Runtime.MalformedHandlerName", message)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = f"Unable to import module {module_name!r}: {error}"
        raise HandlerError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module {module_name!r}: {error}"
        raise HandlerError("Runtime.UserCodeSyntaxError", message) from error
    try:
        found = getattr(module, attribute)
    except AttributeError:
        message = f"Handler {attribute!r} missing on module {module_name!r}"
        raise HandlerError("Runtime.HandlerNotFound", message) from None
    if _takes(found, 0) and not inspect.iscoroutinefunction(found):
        found = found()
    if not _takes(found, 3):
        message = (
            f"Handler {handler!r} must be an ASGI 3 application, which takes scope, receive and "
            f"send, or a function without arguments that returns one; it gave {type(found)}"
        )
        raise HandlerError("Runtime.InvalidHandler", message)
    return cast("Application", found)


def _takes(candidate: Any, arguments: int) -> bool:
    if not callable(candidate):
        return False
    try:
        inspect.signature(cast("Callable[..., Any]", candidate)).bind(*[None] * arguments)
    except (TypeError, ValueError):
        return False
    return True
