"""The streaming function: the ChatKit protocol, the agent and its tools."""
