"""What an answer is writing, as it is kept while it is written."""

from collections.abc import Iterable

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    CustomTask,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from functions.chatkit.answer.checkpoint import Checkpoint
from taskchat.clock import utc_now


def message(item_id: str = "msg_1", text: str | None = None) -> AssistantMessageItem:
    content = [] if text is None else [AssistantMessageContent(text=text)]
    return AssistantMessageItem(
        id=item_id, thread_id="thr_1", created_at=utc_now(), content=content
    )


def workflow(*titles: str) -> WorkflowItem:
    steps = [CustomTask(title=title, status_indicator="loading") for title in titles]
    return WorkflowItem(
        id="wf_1",
        thread_id="thr_1",
        created_at=utc_now(),
        workflow=Workflow(type="custom", tasks=[*steps], expanded=True),
    )


def delta(text: str, item_id: str = "msg_1") -> ThreadItemUpdatedEvent:
    update = AssistantMessageContentPartTextDelta(content_index=0, delta=text)
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)


def observed(*events: ThreadStreamEvent) -> Checkpoint:
    checkpoint = Checkpoint()
    for event in events:
        checkpoint.observe(event)
    return checkpoint


def texts(items: Iterable[ThreadItem]) -> list[str]:
    return [
        "".join(part.text for part in item.content)
        for item in items
        if isinstance(item, AssistantMessageItem)
    ]


def unsaved_texts(checkpoint: Checkpoint) -> list[str]:
    return texts(unsaved.item for unsaved in checkpoint.unsaved())


def test_a_message_grows_by_its_parts() -> None:
    part = AssistantMessageContent(text="")
    added = AssistantMessageContentPartAdded(content_index=0, content=part)
    checkpoint = observed(
        ThreadItemAddedEvent(item=message()),
        ThreadItemUpdatedEvent(item_id="msg_1", update=added),
        delta("Hel"),
        delta("lo"),
    )
    assert unsaved_texts(checkpoint) == ["Hello"]
    whole = AssistantMessageContentPartDone(
        content_index=0, content=AssistantMessageContent(text="Hello!")
    )
    checkpoint.observe(ThreadItemUpdatedEvent(item_id="msg_1", update=whole))
    assert unsaved_texts(checkpoint) == ["Hello!"]


def test_a_message_without_a_word_is_not_worth_saving() -> None:
    assert observed(ThreadItemAddedEvent(item=message()), delta(" \n")).unsaved() == []


def test_what_is_saved_is_saved_again_only_once_it_changes() -> None:
    checkpoint = observed(ThreadItemAddedEvent(item=message()), delta("One"))
    checkpoint.confirm(checkpoint.unsaved())
    assert checkpoint.unsaved() == []
    checkpoint.observe(delta(" two"))
    assert unsaved_texts(checkpoint) == ["One two"]


def test_what_changes_while_it_is_being_saved_is_saved_again() -> None:
    checkpoint = observed(ThreadItemAddedEvent(item=message()), delta("One"))
    sent = checkpoint.unsaved()
    checkpoint.observe(delta(" two"))
    checkpoint.confirm(sent)
    assert unsaved_texts(checkpoint) == ["One two"]


def test_an_item_that_ends_while_its_draft_is_being_saved_is_saved_as_done() -> None:
    checkpoint = observed(ThreadItemAddedEvent(item=message()), delta("One"))
    sent = checkpoint.unsaved()
    checkpoint.observe(ThreadItemDoneEvent(item=message(text="One.")))
    checkpoint.confirm(sent)
    (unsaved,) = checkpoint.unsaved()
    assert unsaved.done
    checkpoint.confirm([unsaved])
    assert checkpoint.unsaved() == []


def test_two_savers_at_once_lose_nothing() -> None:
    checkpoint = observed(ThreadItemAddedEvent(item=message()), delta("One"))
    first = checkpoint.unsaved()
    checkpoint.observe(delta(" two"))
    second = checkpoint.unsaved()
    checkpoint.confirm(second)
    checkpoint.confirm(first)
    assert unsaved_texts(checkpoint) in ([], ["One two"])
    checkpoint.observe(delta("!"))
    assert unsaved_texts(checkpoint) == ["One two!"]


def test_items_are_saved_in_the_order_in_which_they_came() -> None:
    checkpoint = observed(
        ThreadItemDoneEvent(item=message("msg_1", "a")),
        ThreadItemAddedEvent(item=message("msg_2", "b")),
        ThreadItemDoneEvent(item=message("msg_3", "c")),
        delta("!", "msg_2"),
    )
    assert unsaved_texts(checkpoint) == ["a", "b!", "c"]


@pytest.mark.parametrize("written", ["", "   "])
def test_closing_removes_a_message_without_a_word(written: str) -> None:
    checkpoint = observed(ThreadItemAddedEvent(item=message()), delta(written))
    (event,) = checkpoint.close()
    assert event.type == "thread.item.removed"
    assert checkpoint.unsaved() == []


def test_closing_completes_what_was_begun_and_stops_its_steps() -> None:
    done = CustomTask(title="Look", status_indicator="complete")
    checkpoint = observed(
        ThreadItemAddedEvent(item=workflow("Look")),
        ThreadItemUpdatedEvent(item_id="wf_1", update=WorkflowTaskUpdated(task=done, task_index=0)),
        ThreadItemUpdatedEvent(
            item_id="wf_1",
            update=WorkflowTaskAdded(
                task=CustomTask(title="Create", status_indicator="loading"), task_index=1
            ),
        ),
        ThreadItemAddedEvent(item=message()),
        delta("Half a sen"),
    )
    events = checkpoint.close()
    assert [event.type for event in events] == ["thread.item.done"] * 2
    steps, said = [unsaved.item for unsaved in checkpoint.unsaved()]
    assert isinstance(steps, WorkflowItem)
    assert [step.status_indicator for step in steps.workflow.tasks] == ["complete", "none"]
    assert not steps.workflow.expanded
    assert texts([said]) == ["Half a sen"]
    assert checkpoint.close() == []
