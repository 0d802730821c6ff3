"""Rebuilds the events of a run whose log was trimmed, from the thread's items."""

from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.runs.events import error_event, item_done_event, thread_created_event

_queries = load_queries("runs")


async def rebuild_events(connection: Connection, run_id: str, user_id: str) -> list[str]:
    """Events with the complete items of the run's message and answer, and the run's error if any.

    These are fewer events than were streamed, but a client ends up with the same items.
    """
    parameters = {"id": run_id, "user_id": user_id}
    run = await fetch_one(connection, _queries.load_request, parameters)
    if run is None:
        return []
    rows = await fetch_all(connection, _queries.load_answer, parameters)
    created = [thread_created_event(run)] if run["new_thread"] else []
    error = [error_event(run["error"])] if run["error"] else []
    return [*created, *(item_done_event(row) for row in rows), *error]
