"""A person's account: everything of theirs, to take away and to have erased."""

from taskchat.account.erasure import erase_account
from taskchat.account.export import export_account

__all__ = ["erase_account", "export_account"]
