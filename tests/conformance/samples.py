"""Threads, items and attachments to store, and what the tests compare."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chatkit.store import Store
from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    ClientToolCallItem,
    CustomSummary,
    CustomTask,
    EndOfTurnItem,
    EntitySource,
    FileAttachment,
    FileSource,
    GeneratedImage,
    GeneratedImageItem,
    HiddenContextItem,
    ImageAttachment,
    InferenceOptions,
    Page,
    SDKHiddenContextItem,
    SearchTask,
    StructuredInputAnswer,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    TaskItem,
    ThoughtTask,
    ThreadItem,
    ThreadMetadata,
    ToolChoice,
    URLSource,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import WidgetRoot
from pydantic import AnyUrl, TypeAdapter

NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)

AnyStore = Store[Any]


def unique(prefix: str) -> str:
    """An id that no other test uses."""
    return f"{prefix}_{uuid4().hex}"


async def new_thread(store: AnyStore, context: Any, **fields: Any) -> ThreadMetadata:
    """A saved thread."""
    thread = ThreadMetadata(**{"id": unique("thr"), "created_at": NOON} | fields)
    await store.save_thread(thread, context)
    return thread


def answer(thread_id: str, text: str = "hello", item_id: str | None = None) -> AssistantMessageItem:
    """An assistant's message."""
    return AssistantMessageItem(
        id=item_id or unique("msg"),
        thread_id=thread_id,
        created_at=NOON,
        content=[AssistantMessageContent(text=text)],
    )


def question(thread_id: str, text: str, item_id: str) -> UserMessageItem:
    """A person's message."""
    return UserMessageItem(
        id=item_id,
        thread_id=thread_id,
        created_at=NOON,
        content=[UserMessageTextContent(text=text)],
        inference_options=InferenceOptions(),
    )


def text_of(item: ThreadItem) -> str:
    """The text of a message."""
    assert isinstance(item, AssistantMessageItem | UserMessageItem)
    return item.content[0].text


def image() -> ImageAttachment:
    """An attachment that has every field."""
    return ImageAttachment(
        id=unique("atc"),
        name="cat.png",
        mime_type="image/png",
        preview_url=AnyUrl("https://example.org/cat.png?size=1"),
        metadata={"folder": "pets"},
    )


def one_of_each(thread_id: str) -> list[ThreadItem]:
    """An item of every type, its optional fields set."""
    common: dict[str, Any] = {"thread_id": thread_id, "created_at": NOON}
    link = URLSource(title="Weather", url="https://example.org", attribution="Example")
    widget: WidgetRoot = TypeAdapter[Any](WidgetRoot).validate_python(
        {
            "type": "Card",
            "children": [
                {"type": "Text", "id": "title", "value": "Call mom"},
                {
                    "type": "Button",
                    "label": "Done",
                    "onClickAction": {"type": "task.complete", "payload": {"id": "tsk_1"}},
                },
            ],
        }
    )
    return [
        UserMessageItem(
            id=unique("msg"),
            content=[
                UserMessageTextContent(text="Call mom at 5pm 📞"),
                UserMessageTagContent(id="tsk_1", text="@mom", data={"n": 1.5}, interactive=True),
            ],
            attachments=[image(), FileAttachment(id="atc_2", name="a.txt", mime_type="text/plain")],
            quoted_text="quoted",
            inference_options=InferenceOptions(tool_choice=ToolChoice(id="t"), model="m"),
            **common,
        ),
        AssistantMessageItem(
            id=unique("msg"),
            content=[
                AssistantMessageContent(
                    text="Done [1].",
                    annotations=[
                        Annotation(source=link, index=5),
                        Annotation(source=FileSource(title="f", filename="f.txt")),
                        Annotation(source=EntitySource(title="e", id="tsk_1", data={"a": [1]})),
                    ],
                )
            ],
            **common,
        ),
        ClientToolCallItem(
            id=unique("tc"),
            status="completed",
            call_id="call_1",
            name="switch_theme",
            arguments={"theme": "dark", "deep": {"er": [None, True, 1, 2.5, "x"]}},
            output={"ok": True},
            **common,
        ),
        WidgetItem(id=unique("msg"), widget=widget, copy_text="Call mom", **common),
        GeneratedImageItem(
            id=unique("msg"), image=GeneratedImage(id="i", url="https://example.org/i"), **common
        ),
        StructuredInputItem(
            id=unique("msg"),
            status="answered",
            inputs=[
                StructuredInputMultipleChoice(
                    id="q1",
                    question="Which?",
                    options=[StructuredInputMultipleChoiceOption(value="a")],
                    answer=StructuredInputAnswer(values=["a"]),
                ),
                StructuredInputFreeform(id="q2", question="Why?", description="In a word"),
            ],
            **common,
        ),
        WorkflowItem(
            id=unique("wf"),
            workflow=Workflow(
                type="custom",
                tasks=[
                    CustomTask(title="create_task", content="…", status_indicator="loading"),
                    SearchTask(title="search", queries=["q"], sources=[link]),
                    ThoughtTask(content="hm"),
                ],
                summary=CustomSummary(title="2 steps"),
                expanded=True,
            ),
            **common,
        ),
        TaskItem(id=unique("task"), task=CustomTask(title="one step"), **common),
        HiddenContextItem(id=unique("msg"), content={"call": {"name": "x"}, "n": [1]}, **common),
        SDKHiddenContextItem(id=unique("shcx"), content="cancelled", **common),
        EndOfTurnItem(id=unique("msg"), **common),
    ]


def as_stored[T: (ThreadItem, ThreadMetadata)](record: T) -> T:
    """The record with its time in UTC, for comparison."""
    return record.model_copy(update={"created_at": record.created_at.astimezone(UTC)})


async def all_items(
    store: AnyStore, thread_id: str, context: Any, *, order: str = "asc", limit: int = 100
) -> list[ThreadItem]:
    """Every item of a thread, page after page."""
    items: list[ThreadItem] = []
    after: str | None = None
    while True:
        page: Page[ThreadItem] = await store.load_thread_items(
            thread_id, after, limit, order, context
        )
        assert len(page.data) <= limit
        items += page.data
        if not page.has_more:
            return items
        assert page.after is not None
        after = page.after
