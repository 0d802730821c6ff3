from zoneinfo import ZoneInfo

import pytest

from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.threads.store import PostgresStore
from taskchat.users import User
from tests.conformance import StoreConformance


class TestPostgresStore(StoreConformance):
    @pytest.fixture
    def store(self, database: Database) -> PostgresStore[RequestContext]:
        return PostgresStore[RequestContext](database)

    @pytest.fixture
    def context(self) -> RequestContext:
        return RequestContext(user=User("alice"), timezone=ZoneInfo("UTC"))

    @pytest.fixture
    def other_context(self) -> RequestContext:
        return RequestContext(user=User("bob"), timezone=ZoneInfo("UTC"))
