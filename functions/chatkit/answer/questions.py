"""Questions to the person, by ChatKit's structured input: made, and answered once."""

from chatkit.types import (
    StructuredInputAnswer,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    StructuredInputSubmission,
)

from functions.chatkit.tools import Choice
from taskchat.clock import utc_now
from taskchat.database import Connection
from taskchat.errors import BadRequestError, ConflictError
from taskchat.identifiers import new_id
from taskchat.threads.items import append_item, load_locked_item


class AnsweredBeforeError(ConflictError):
    """The question has its answer already, perhaps from another tab; `item` has it."""

    def __init__(self, item: StructuredInputItem) -> None:
        super().__init__("This question was answered before.")
        self.item = item


def ask(choice: Choice, thread_id: str) -> StructuredInputItem:
    """The item that asks."""
    item_id = new_id("msg")
    options = [StructuredInputMultipleChoiceOption(value=value) for value in choice.options]
    question = StructuredInputMultipleChoice(
        id=f"{item_id}_1", question=choice.question, options=options
    )
    return StructuredInputItem(
        id=item_id, thread_id=thread_id, created_at=utc_now(), inputs=[question]
    )


async def answer_question(
    connection: Connection,
    user_id: str,
    thread_id: str,
    item_id: str,
    submission: StructuredInputSubmission,
) -> StructuredInputItem:
    """Store the person's answers in the item, which is returned as it is then.

    Questions that were not answered count as skipped. Raises `NotStoredError` where there is no
    such item of the person's, `BadRequestError` where it asks nothing, and `AnsweredBeforeError`.
    """
    item = await load_locked_item(connection, user_id, thread_id, item_id)
    if not isinstance(item, StructuredInputItem):
        raise BadRequestError("Only a question can be answered.")
    if item.status != "pending":
        raise AnsweredBeforeError(item)
    for question in item.inputs:
        given = submission.answers.get(question.id)
        if submission.status == "skipped" or not given or given.skipped or not given.values:
            question.answer = StructuredInputAnswer(skipped=True)
        else:
            question.answer = StructuredInputAnswer(values=given.values[:1])
    skipped = all(question.answer and question.answer.skipped for question in item.inputs)
    item.status = "skipped" if skipped else "answered"
    await append_item(connection, user_id, thread_id, item)
    return item
