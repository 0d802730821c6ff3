"""Named queries from the `.sql` files of `taskchat/sql`.

A query starts at a line `-- its_name --` and ends at the next such line or the file's end; the
comment lines are not sent. Parameters are written `%(name)s`, a literal per cent sign `%%`.
"""

import re
from importlib.resources import files

from psycopg.sql import SQL

_NAME_LINE = re.compile(r"^-- (\w+) --$", re.MULTILINE)


class Queries:
    """The queries of one file, as attributes."""

    def __init__(self, source: str, queries: dict[str, SQL]) -> None:
        self._source = source
        self._queries = queries

    def __getattr__(self, name: str) -> SQL:
        try:
            return self._queries[name]
        except KeyError:
            known = ", ".join(sorted(self._queries))
            raise AttributeError(
                f"no query {name!r} in {self._source}, which has {known}"
            ) from None


def load_queries(name: str) -> Queries:
    """The queries of `taskchat/sql/<name>.sql`."""
    source = f"{name}.sql"
    return parse_queries(source, (files("taskchat") / "sql" / source).read_text("utf-8"))


def parse_queries(source: str, text: str) -> Queries:
    """Split a file's text into its queries. Raises `ValueError` for an empty or repeated one."""
    _, *parts = _NAME_LINE.split(text)
    queries: dict[str, SQL] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"{source} has two queries named {name}")
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
        statement = "\n".join(lines).strip()
        if not statement:
            raise ValueError(f"{source}: the query {name} is empty")
        queries[name] = SQL(statement)
    return Queries(source, queries)
