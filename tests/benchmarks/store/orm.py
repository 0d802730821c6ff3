"""The peer: the same store on the same tables, with SQLAlchemy's async ORM.

It has mapped classes and a session for each call, and loads, changes and flushes objects. It uses
the same driver, checks the rows' owner in the same way, and returns the same models of the SDK.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chatkit.types import Page, ThreadItem, ThreadMetadata
from psycopg.conninfo import conninfo_to_dict
from pydantic import TypeAdapter
from sqlalchemy import DateTime, ForeignKey, Select, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_items: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)


class _Base(DeclarativeBase):
    pass


class _Thread(_Base):
    __tablename__ = "threads"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    title: Mapped[str | None]
    status: Mapped[dict[str, Any]] = mapped_column(JSONB)
    allowed_image_domains: Mapped[list[str] | None] = mapped_column(JSONB)
    info: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    last_seq: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def model(self) -> ThreadMetadata:
        return ThreadMetadata.model_validate(
            {
                "id": self.id,
                "title": self.title,
                "status": self.status,
                "allowed_image_domains": self.allowed_image_domains,
                "metadata": self.info,
                "created_at": self.created_at,
            }
        )


class _Item(_Base):
    __tablename__ = "thread_items"

    thread_id: Mapped[str] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    type: Mapped[str]
    schema_version: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    draft: Mapped[bool]
    superseded_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def model(self) -> ThreadItem:
        columns = ("id", "thread_id", "type", "created_at")
        return _items.validate_python(
            {**self.payload, **{column: getattr(self, column) for column in columns}}
        )


class OrmStore:
    """The calls of the SDK's `Store` that are measured, for one person."""

    def __init__(self, url: str, user_id: str) -> None:
        self._engine = _engine(url)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._user_id = user_id

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def load_thread(self, thread_id: str) -> ThreadMetadata:
        """One thread."""
        async with self._sessions() as session, session.begin():
            row: _Thread = (await session.scalars(self._thread(thread_id))).one()
            return row.model()

    async def load_threads(self, limit: int) -> Page[ThreadMetadata]:
        """The newest threads."""
        statement = (
            select(_Thread)
            .where(_Thread.user_id == self._user_id)
            .order_by(_Thread.created_at.desc(), _Thread.id.desc())
            .limit(limit + 1)
        )
        async with self._sessions() as session, session.begin():
            rows = (await session.scalars(statement)).all()
        return Page[ThreadMetadata](
            data=[row.model() for row in rows[:limit]], has_more=len(rows) > limit
        )

    async def load_thread_items(self, thread_id: str, limit: int) -> Page[ThreadItem]:
        """The newest items of a thread."""
        statement = (
            select(_Item)
            .join(_Thread, _Thread.id == _Item.thread_id)
            .where(_Thread.id == thread_id, _Thread.user_id == self._user_id)
            .order_by(_Item.seq.desc())
            .limit(limit + 1)
        )
        async with self._sessions() as session, session.begin():
            rows = (await session.scalars(statement)).all()
        return Page[ThreadItem](
            data=[row.model() for row in rows[:limit]], has_more=len(rows) > limit
        )

    async def load_item(self, thread_id: str, item_id: str) -> ThreadItem:
        """One item."""
        statement = (
            select(_Item)
            .join(_Thread, _Thread.id == _Item.thread_id)
            .where(
                _Item.thread_id == thread_id,
                _Item.id == item_id,
                _Thread.user_id == self._user_id,
            )
        )
        async with self._sessions() as session, session.begin():
            return (await session.scalars(statement)).one().model()

    async def add_thread_item(self, thread_id: str, item: ThreadItem) -> None:
        """Add an item at the end of the thread, or replace it in place."""
        payload = item.model_dump(mode="json", exclude={"id", "thread_id", "type", "created_at"})
        async with self._sessions() as session, session.begin():
            thread = (await session.scalars(self._thread(thread_id).with_for_update())).one()
            existing = await session.get(_Item, (thread_id, item.id))
            if existing is not None:
                existing.payload = payload
                return
            thread.last_seq += 1
            thread.updated_at = datetime.now(UTC)
            session.add(
                _Item(
                    thread_id=thread_id,
                    id=item.id,
                    seq=thread.last_seq,
                    type=item.type,
                    schema_version=1,
                    payload=payload,
                    draft=False,
                    created_at=item.created_at.astimezone(UTC),
                )
            )

    def _thread(self, thread_id: str) -> Select[_Thread]:
        return select(_Thread).where(_Thread.id == thread_id, _Thread.user_id == self._user_id)


def _engine(url: str) -> AsyncEngine:
    parameters: Mapping[str, Any] = conninfo_to_dict(url)
    return create_async_engine("postgresql+psycopg://", connect_args=dict(parameters))
