"""What all our HTTP applications share, as plain ASGI and Starlette."""

from starlette.applications import Starlette

from taskchat.web.authentication import Authenticator
from taskchat.web.middleware import (
    BodyLimitMiddleware,
    ResponseHeadersMiddleware,
    UnexpectedErrorMiddleware,
)
from taskchat.web.problems import install_problem_handlers, problem_response
from taskchat.web.timezone import read_timezone

__all__ = ["Authenticator", "install_web", "problem_response", "read_timezone"]


def install_web(app: Starlette) -> None:
    """Make the app respond to errors with problems, and add the middleware for every request.

    The middleware wraps any that the app already has.
    """
    install_problem_handlers(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(UnexpectedErrorMiddleware)
    app.add_middleware(ResponseHeadersMiddleware)
