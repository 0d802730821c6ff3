"""Conversations that evaluate the configured model by what happens to the tasks."""
