"""Conversations: ChatKit's threads and items, kept in Postgres.

`repository` has the SQL and knows nothing of the SDK; `items` and `store` take the SDK's models.
The names are imported from the modules: who only stops a run should not load the SDK.
"""
