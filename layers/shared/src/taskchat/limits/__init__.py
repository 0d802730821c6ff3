"""Limits on what one person may do, so that nobody uses up the service or its budget.

The checks raise a `TaskchatError`; where waiting helps, it says when to try again. They run in the
caller's transaction, except that followers have their own. Windows follow the database's clock, so
that all functions agree on them. If counts cannot be read or saved, nothing is allowed.
"""

from taskchat.limits.answers import count_answer
from taskchat.limits.changes import count_change, require_task_count
from taskchat.limits.followers import FollowerSlot, take_follower_slot
from taskchat.limits.messages import Usage, read_usage, require_message_room
from taskchat.limits.runs import count_tokens
from taskchat.limits.uploads import require_upload_room

__all__ = [
    "FollowerSlot",
    "Usage",
    "count_answer",
    "count_change",
    "count_tokens",
    "read_usage",
    "require_message_room",
    "require_task_count",
    "require_upload_room",
    "take_follower_slot",
]
