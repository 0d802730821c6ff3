"""What tools return to a model, as JSON. Times are in the person's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from taskchat.tasks import Priority, Task, TaskPage


class LocalTask(BaseModel):
    """A task; its times have the offset of the person's time zone."""

    id: str
    title: str
    description: str | None
    priority: Priority
    tags: tuple[str, ...]
    due_at: str | None
    completed_at: str | None


def local_task(task: Task, timezone: ZoneInfo) -> LocalTask:
    """The task as the person in that time zone sees it."""

    def local(moment: datetime | None) -> str | None:
        return moment.astimezone(timezone).isoformat(timespec="minutes") if moment else None

    return LocalTask(
        id=task.id,
        title=task.title,
        description=task.description,
        priority=task.priority,
        tags=task.tags,
        due_at=local(task.due_at),
        completed_at=local(task.completed_at),
    )


class OneTask(BaseModel):
    """The task as it is now."""

    task: LocalTask


class FoundTasks(BaseModel):
    """Some tasks, and whether there are more."""

    tasks: tuple[LocalTask, ...]
    has_more: bool


class DeletedTask(BaseModel):
    """The title of the deleted task."""

    deleted: str


def found_tasks(page: TaskPage, timezone: ZoneInfo) -> FoundTasks:
    """The tasks of a page as the person in that time zone sees them."""
    return FoundTasks(
        tasks=tuple(local_task(task, timezone) for task in page.tasks),
        has_more=page.next_cursor is not None,
    )
