"""The outcome of a run whose log has been trimmed, told from what is in the thread."""

from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.runs.events import error_event, item_done_event, thread_created_event

_queries = load_queries("runs")


async def rebuild_events(connection: Connection, run_id: str, user_id: str) -> list[str]:
    """The items that the run's message and its answer left, each complete, and its error if any.

    Shorter than what was streamed, and the same to whoever keeps the items.
    """
    parameters = {"id": run_id, "user_id": user_id}
    run = await fetch_one(connection, _queries.load_request, parameters)
    if run is None:
        return []
    rows = await fetch_all(connection, _queries.load_answer, parameters)
    created = [thread_created_event(run)] if run["new_thread"] else []
    error = [error_event(run["error"])] if run["error"] else []
    return [*created, *(item_done_event(row) for row in rows), *error]
