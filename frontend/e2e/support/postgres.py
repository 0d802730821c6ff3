"""A Postgres for the tests of the page, until the standard input ends. Prints its URL.

Argument: the data directory. The server of the system is another process: tests kill that one and
start it again, and the database stays.
"""

import sys
from pathlib import Path

from local.postgres import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres:
    print(postgres.url, flush=True)
    sys.stdin.read()
