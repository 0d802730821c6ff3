"""What every HTTP application of ours shares, as plain ASGI and Starlette."""

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
    """Give the app problems for errors, and the middleware that surrounds every request.

    It becomes the outermost, around what the app has already.
    """
    install_problem_handlers(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(UnexpectedErrorMiddleware)
    app.add_middleware(ResponseHeadersMiddleware)
