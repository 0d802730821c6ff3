"""Streams the responses of an ASGI application from AWS Lambda."""

from lambda_streaming.asgi import WaitUntil
from lambda_streaming.context import LambdaContext, current_context

__all__ = ["LambdaContext", "WaitUntil", "current_context"]
