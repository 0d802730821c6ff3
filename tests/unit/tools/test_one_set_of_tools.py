"""The chat and MCP offer the same tools, but for the question that only the chat can ask."""

import functions.chatkit.tools
import functions.mcp.tools


def test_chat_and_mcp_offer_the_same_tools_with_the_same_filters() -> None:
    chat = {tool.name: tool.json_schema["properties"] for tool in functions.chatkit.tools.TOOLS}
    mcp = {
        name: dict(tool.definition.json_schema["properties"])
        for name, tool in functions.mcp.tools.TOOLS.items()
    }

    # A client brings back what a click on the card does in the chat.
    for name in ("complete_all_tasks", "delete_all_tasks"):
        assert mcp[name].pop("confirmation_id")
    del chat["ask_which_task"]
    assert mcp == chat
