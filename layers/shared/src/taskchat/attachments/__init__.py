"""Files that people attach to messages: uploaded to a store, checked, shown, and deleted for good.

`kinds` says which files, `storage` where they lie. `service` takes the SDK's models; the other
modules do without it. The names are imported from the modules: who only deletes should not load
the SDK.
"""
