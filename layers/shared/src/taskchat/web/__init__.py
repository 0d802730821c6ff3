"""What every HTTP application of ours shares, as plain ASGI and Starlette."""
