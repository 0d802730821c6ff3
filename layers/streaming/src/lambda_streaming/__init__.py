"""Streams the responses of an ASGI application from AWS Lambda."""
