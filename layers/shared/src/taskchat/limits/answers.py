"""What one more answer needs: a free place among the running ones, tokens, and a message left."""

from taskchat.database import Connection, load_queries
from taskchat.limits.messages import Usage, count_one_more
from taskchat.limits.runs import require_room, require_tokens
from taskchat.settings import LimitSettings

_queries = load_queries("limits")


async def count_answer(connection: Connection, user_id: str, settings: LimitSettings) -> Usage:
    """Count one message and its answer, in the caller's transaction. The person must be recorded.

    Raises `TooManyAtOnceError`, `OutOfTokensError` or `MessageLimitError` without counting
    anything. The caller records the run in the same transaction; concurrent calls for one person
    wait for it. The reads share one round trip.
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
