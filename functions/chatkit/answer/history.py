"""The conversation as input for the model: its newest items, within a size limit."""

from collections.abc import Mapping
from typing import Any, cast, override

from agents import TResponseInputItem
from chatkit.agents import ThreadItemConverter
from chatkit.types import (
    AssistantMessageItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    StructuredInputItem,
    ThreadItem,
    UserMessageContent,
    UserMessageItem,
    UserMessageTagContent,
    WidgetItem,
    WorkflowItem,
)
from openai.types.responses import ResponseInputTextParam
from openai.types.responses.response_input_item_param import FunctionCallOutput

from functions.chatkit.answer.answer import Answer
from functions.chatkit.answer.files import as_parts
from functions.chatkit.formatting import as_data
from taskchat.database import Connection
from taskchat.tasks import Task, get_tasks
from taskchat.threads.items import load_newest_items

MAX_ITEMS = 80
MAX_CHARACTERS = 40_000

UNKNOWN_TAG = "a task that is not on the list any more"


async def load_history(
    connection: Connection, answer: Answer
) -> tuple[list[ThreadItem], "HistoryConverter"]:
    """The newest items for the model, oldest first, and the converter that turns them into input.

    They stay within both limits. A tool call and its output are one item, so no limit can separate
    them.
    """
    newest = await load_newest_items(
        connection, answer.user_id, answer.thread_id, answer.run_id, limit=MAX_ITEMS
    )
    items: list[ThreadItem] = []
    characters = 0
    for item in newest:
        characters += len(item.model_dump_json())
        if items and characters > MAX_CHARACTERS:
            break
        items.append(item)
    mentioned = [tag.id for item in items for tag in _tags(item)]
    tasks = await get_tasks(connection, answer.user_id, mentioned) if mentioned else ()
    return items[::-1], HistoryConverter({task.id: task for task in tasks})


def _tags(item: ThreadItem) -> list[UserMessageTagContent]:
    if not isinstance(item, UserMessageItem):
        return []
    return [part for part in item.content if isinstance(part, UserMessageTagContent)]


class HistoryConverter(ThreadItemConverter):
    """Converts thread items to the model's input, in the formats that chat completions accept.

    Steps and widgets are left out, because the tools' outputs have the same information.
    `mentioned` has the person's tasks that their messages mention, by id. `files` has the contents
    of the attachments that the model will see, by attachment id.
    """

    def __init__(self, mentioned: Mapping[str, Task]) -> None:
        self._mentioned = mentioned
        self.files: Mapping[str, bytes] = {}

    @override
    async def assistant_message_to_input(
        self, item: AssistantMessageItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Plain text: chat completions refuse the `output_text` parts of the SDK's own method."""
        text = "".join(part.text for part in item.content)
        return {"type": "message", "role": "assistant", "content": text} if text.strip() else None

    @override
    async def hidden_context_to_input(
        self, item: HiddenContextItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """A stored tool call with its output, or a note."""
        match item.content:
            case {"type": "tool_call", "call": {"call_id": call_id} as call, "output": output}:
                return [
                    cast("TResponseInputItem", {k: v for k, v in call.items() if k != "id"}),
                    FunctionCallOutput(type="function_call_output", call_id=call_id, output=output),
                ]
            case str() as note:
                return _note(note)
            case _:
                return None

    @override
    async def sdk_hidden_context_to_input(
        self, item: SDKHiddenContextItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """A note, for example that an answer was cut off."""
        return _note(item.content)

    @override
    async def structured_input_to_input(
        self, item: StructuredInputItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """A question and the person's reply."""
        told = []
        for question in item.inputs:
            values = question.answer.values if question.answer else []
            answer = ", ".join(map(as_data, values)) or "nothing"
            told.append(f"To the question {as_data(question.question)} they answered {answer}.")
        return _note(" ".join(told))

    @override
    async def workflow_to_input(
        self, item: WorkflowItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Nothing: see the class."""
        return None

    @override
    async def widget_to_input(
        self, item: WidgetItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Nothing: see the class."""
        return None

    @override
    async def user_message_to_input(
        self, item: UserMessageItem, is_last_message: bool = True
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """Like the SDK's method, but with attachments, and with task titles from the database.

        The titles that the page sent with the mentions are not used.
        """
        content = [self._resolved(part) for part in item.content]
        message = item.model_copy(update={"content": content, "attachments": []})
        told = await super().user_message_to_input(message, is_last_message)
        parts = [
            part
            for attachment in item.attachments
            for part in as_parts(attachment, self.files.get(attachment.id))
        ]
        if not parts:
            return told
        # The files go into the same message as the text, if there is any.
        inputs: list[Any] = told if isinstance(told, list) else [told]
        for message_input in inputs:
            if message_input["role"] == "user":
                words = [part for part in message_input["content"] if part["text"].strip()]
                message_input["content"] = [*words, *parts]
                break
        return inputs

    def _resolved(self, part: UserMessageContent) -> UserMessageContent:
        if not isinstance(part, UserMessageTagContent):
            return part
        task = self._mentioned.get(part.id)
        return part.model_copy(update={"text": as_data(task.title) if task else UNKNOWN_TAG})

    @override
    async def tag_to_message_content(self, tag: UserMessageTagContent) -> ResponseInputTextParam:
        """A task that the person mentioned with @. `_resolved` has looked up its title."""
        known = tag.id in self._mentioned
        text = f"@{tag.text} is the task with task_id {tag.id}" if known else f"@{UNKNOWN_TAG}"
        return ResponseInputTextParam(type="input_text", text=text)


def _note(text: str) -> TResponseInputItem:
    return {
        "type": "message",
        "role": "user",
        "content": f"<note>{text} (This note is not from the person, who does not see it.)</note>",
    }
