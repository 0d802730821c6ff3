"""The store's own error."""

from chatkit import store

from taskchat.errors import NotFoundError


class NotStoredError(NotFoundError, store.NotFoundError):
    """A thread, item or attachment does not exist or belongs to someone else.

    Also derives from the SDK's error, so that code written for any `Store` can handle it.
    """
