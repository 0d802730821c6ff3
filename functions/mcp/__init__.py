"""The assistant's tools for any MCP client."""
