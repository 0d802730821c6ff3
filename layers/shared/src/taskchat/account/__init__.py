"""A person's account: the export and the erasure of all their data."""

from taskchat.account.erasure import erase_account
from taskchat.account.export import export_account

__all__ = ["erase_account", "export_account"]
