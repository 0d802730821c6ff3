"""SnapStart's hooks before the snapshot and after the restore.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from snapshot_restore_py import get_after_restore, get_before_snapshot


def run_before_snapshot_hooks() -> None:
    """Run the hooks in reverse order of registration. Raises what they raise."""
    hooks = get_before_snapshot()
    while hooks:
        function, arguments, keywords = hooks.pop()
        function(*arguments, **keywords)


def run_after_restore_hooks() -> None:
    """Run the hooks in order of registration. Raises what they raise."""
    for function, arguments, keywords in get_after_restore():
        function(*arguments, **keywords)
