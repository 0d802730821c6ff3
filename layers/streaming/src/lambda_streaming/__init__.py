"""Streams the responses of an ASGI application from AWS Lambda."""

from lambda_streaming.asgi import WaitUntil
from lambda_streaming.context import LambdaContext, current_context
from lambda_streaming.handler import Handler

__all__ = ["Handler", "LambdaContext", "WaitUntil", "current_context"]
