"""What one person may do, so that nobody can take the service, or its budget, from the others.

Every check runs in a transaction of the caller's and raises a `TaskchatError` that says when to
come back. The database's clock rules, so that all functions agree on the window. Where the counts
cannot be read or kept, nothing is allowed.
"""

from taskchat.limits.answers import count_answer
from taskchat.limits.changes import count_change, require_task_count
from taskchat.limits.followers import FollowerSlot, take_follower_slot
from taskchat.limits.messages import Usage, read_usage
from taskchat.limits.runs import count_tokens

__all__ = [
    "FollowerSlot",
    "Usage",
    "count_answer",
    "count_change",
    "count_tokens",
    "read_usage",
    "require_task_count",
    "take_follower_slot",
]
