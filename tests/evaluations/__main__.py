"""`make eval`: all conversations, with the configured model, or the demo model without a key."""

import asyncio
import os
import re
import time

from local.environment import ROOT, STATE
from local.services import running_services
from taskchat.settings import AuthSettings
from tests.evaluations.cases import load_cases
from tests.evaluations.conversations import Place, evaluate
from tests.evaluations.report import passed_titles, read_passed, table, write
from tests.support.chat import chat_application

UNLIMITED = {"MESSAGES_PER_MINUTE": "1000", "MESSAGES_PER_DAY": "10000"}


async def main() -> None:
    """Hold the conversations, print the scores, and save them for the next run."""
    cases = load_cases()
    async with running_services({**os.environ, **UNLIMITED}) as environment:
        model = environment.get("GEMINI_MODEL") or "gemini-2.5-flash"
        print(f"\n  {len(cases)} conversations with {model}\n")
        began_at = time.monotonic()
        async with chat_application(environment) as url:
            auth = AuthSettings.from_environment(environment)
            place = Place(url=url, database_url=environment["DATABASE_URL"], auth=auth)
            results = await evaluate(cases, place)
    path = STATE / "evaluations" / f"{re.sub(r'[^\w.-]', '_', model)}.json"
    print(table(results, read_passed(path)))
    write(path, model, results)
    share = len(passed_titles(results)) / len(results)
    seconds = time.monotonic() - began_at
    print(f"\n  {share:.0%} in {seconds:.0f} s; kept in {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    asyncio.run(main())
