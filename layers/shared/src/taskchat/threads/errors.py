"""The store's own error."""

from chatkit import store

from taskchat.errors import NotFoundError


class NotStoredError(NotFoundError, store.NotFoundError):
    """A thread, item or attachment does not exist or is someone else's.

    It is the SDK's error as well, so that code written for any `Store` understands it.
    """
