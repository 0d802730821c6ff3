"""What the model is told of the conversation: the newest part of it, in a bounded size."""

from typing import cast, override

from agents import TResponseInputItem
from chatkit.agents import ThreadItemConverter
from chatkit.types import (
    AssistantMessageItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    ThreadItem,
    UserMessageTagContent,
    WidgetItem,
    WorkflowItem,
)
from openai.types.responses import ResponseInputTextParam
from openai.types.responses.response_input_item_param import FunctionCallOutput

from functions.chatkit.answer.answer import Answer
from taskchat.database import Database
from taskchat.threads.items import load_newest_items

MAX_ITEMS = 80
MAX_CHARACTERS = 40_000


async def load_history(database: Database, answer: Answer) -> list[ThreadItem]:
    """The newest items that the model is to see, oldest first, within both bounds.

    A tool call and its output are one item, so that no bound can part them.
    """
    async with database.transaction() as connection:
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
    return items[::-1]


class HistoryConverter(ThreadItemConverter):
    """Thread items as the model's input, in the forms that chat completions take.

    Steps and widgets are left out: what they show is in the tools' outputs.
    """

    @override
    async def assistant_message_to_input(
        self, item: AssistantMessageItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """As plain text: the SDK's own `output_text` parts are refused by chat completions."""
        text = "".join(part.text for part in item.content)
        return {"type": "message", "role": "assistant", "content": text} if text.strip() else None

    @override
    async def hidden_context_to_input(
        self, item: HiddenContextItem
    ) -> TResponseInputItem | list[TResponseInputItem] | None:
        """A remembered tool call with its output, or a note to the model."""
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
        """A note to the model, such as that the person stopped an answer."""
        return _note(item.content)

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
    async def tag_to_message_content(self, tag: UserMessageTagContent) -> ResponseInputTextParam:
        """A task that the person mentioned with @."""
        return ResponseInputTextParam(
            type="input_text", text=f"@{tag.text} is the task with task_id {tag.id}"
        )


def _note(text: str) -> TResponseInputItem:
    return {
        "type": "message",
        "role": "user",
        "content": f"<note>{text} (This note is not from the person, who does not see it.)</note>",
    }
