"""What one more answer takes: room for it, tokens, and a message that the person may send."""

from taskchat.database import Connection, load_queries
from taskchat.limits.messages import Usage, count_one_more
from taskchat.limits.runs import require_room, require_tokens
from taskchat.settings import LimitSettings

_queries = load_queries("limits")


async def count_answer(connection: Connection, user_id: str, settings: LimitSettings) -> Usage:
    """Count one message and its answer, in the caller's transaction; the person's row must exist.

    Having counted nothing it raises `TooManyAtOnceError`, `OutOfTokensError` or
    `MessageLimitError`. The run is to be recorded in the same transaction: concurrent calls for one
    person wait for each other's. All that it asks is one round trip.
    """
    person = {"user_id": user_id}
    async with connection.pipelined():
        await connection.execute(_queries.lock_person, person)
        running = await connection.execute(_queries.count_running, person)
        used = await connection.execute(_queries.get_tokens, person)
        sent = await connection.execute(_queries.get_message_counts, person)
    require_room(await running.fetchone(), settings)
    require_tokens(await used.fetchone(), settings)
    usage = count_one_more(await sent.fetchall(), settings)
    await connection.execute(_queries.count_message, person)
    return usage
