"""Conversations that judge whatever model is configured, by what becomes of the tasks."""
