"""Files that people attach to messages: upload, check, preview and deletion.

`kinds` defines which files are accepted, and `storage` where they are stored. Only `service` works
with the SDK's models. Import names from the modules, not from this package: code that only deletes
files should not load the SDK.
"""
