"""Questions to the person as ChatKit's structured input. Each is answered only once."""

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
    """The question was already answered, perhaps in another tab. `item` has the reply."""

    def __init__(self, item: StructuredInputItem) -> None:
        super().__init__("This question was answered before.")
        self.item = item


def ask(choice: Choice, thread_id: str) -> StructuredInputItem:
    """A new item with the question."""
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
    """Store the person's reply in the item, and return the item.

    Questions without a reply count as skipped. Raises `NotStoredError` if the person has no such
    item, `BadRequestError` if it is not a question, and `AnsweredBeforeError`.
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
