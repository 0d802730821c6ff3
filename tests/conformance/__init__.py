"""What any `chatkit.store.Store` must do, as tests that can be run against any.

Needs pytest, pytest-asyncio (`asyncio_mode = auto`) and hypothesis, and knows nothing of this
project. Derive a class from `StoreConformance` and give it three fixtures:

    class TestMyStore(StoreConformance):
        @pytest.fixture
        def store(self) -> MyStore: ...          # may hold other data, and keeps what it is given

        @pytest.fixture
        def context(self) -> MyContext: ...      # a person

        @pytest.fixture
        def other_context(self) -> MyContext: ...  # another one, who must see nothing of the first

Page limits up to 100 must be honoured. Times may come back in any zone, as the same instant.
"""

from tests.conformance.attachments import AttachmentConformance
from tests.conformance.concurrency import ConcurrencyConformance
from tests.conformance.hostile_input import HostileInputConformance
from tests.conformance.isolation import IsolationConformance
from tests.conformance.items import ItemConformance
from tests.conformance.paging import PagingConformance
from tests.conformance.threads import ThreadConformance


class StoreConformance(
    ThreadConformance,
    ItemConformance,
    PagingConformance,
    AttachmentConformance,
    IsolationConformance,
    ConcurrencyConformance,
    HostileInputConformance,
):
    """All of it."""


__all__ = ["StoreConformance"]
