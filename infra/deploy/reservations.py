"""The parameters that reserve a part of Lambda's quota for a function."""

RESERVATIONS = ("ReservedConcurrency", "ApiReservedConcurrency", "McpReservedConcurrency")
"""Of the chat, of REST and of MCP. Each counts executions at once; -1 reserves none."""

NOTHING_RESERVED = f"PARAMETERS='{' '.join(f'{name}=-1' for name in RESERVATIONS)}'"
"""What to add to `make deploy` where the quota is too small for them."""
