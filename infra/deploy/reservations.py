"""The parameters that reserve a part of Lambda's quota for a function."""

RESERVATIONS = ("ReservedConcurrency", "ApiReservedConcurrency", "McpReservedConcurrency")
"""For the chat, REST and MCP. Each is a number of concurrent executions; -1 reserves none."""

NOTHING_RESERVED = f"PARAMETERS='{' '.join(f'{name}=-1' for name in RESERVATIONS)}'"
"""The arguments with which `make deploy` reserves nothing, for a small quota."""
