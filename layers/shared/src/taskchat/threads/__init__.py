"""ChatKit's threads and items, stored in Postgres.

`repository` runs the SQL and does not use the SDK. `items` and `store` work with the SDK's models.
Import names from the modules, not from this package: code that only stops runs should not load the
SDK.
"""
