"""Streamed tool calls reach the agent apart from each other, however the server numbers them."""

import json

import pytest

from tests.integration.gemini.session import Session
from tests.support.model_server import Call, chunk, events, text, tool_calls

MILK = {"title": "milk"}
BREAD = {"title": "bread"}
BOTH = [("create_task", "milk"), ("create_task", "bread")]


@pytest.mark.parametrize("one_chunk", [True, False], ids=["one chunk", "a chunk each"])
@pytest.mark.parametrize("index", [0, None])
@pytest.mark.parametrize("ids", [("", ""), (None, None), ("x", "x"), ("x", "y")])
async def test_parallel_calls_run_apart(
    session: Session, index: int | None, ids: tuple[str | None, str | None], one_chunk: bool
) -> None:
    calls = [
        Call("create_task", arguments, id=call_id, index=index)
        for arguments, call_id in zip((MILK, BREAD), ids, strict=True)
    ]
    session.server.script([tool_calls(*calls, one_chunk=one_chunk), text("Done.")])

    result = await session.run()

    assert sorted(session.executed) == sorted(BOTH)
    assert result.final_output == "Done."
    replayed = session.server.requests[1].json["messages"][-3]["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in replayed] == [MILK, BREAD]
    assert len({call["id"] for call in replayed}) == 2
    assert all(call["id"] for call in replayed)


async def test_calls_in_fragments_are_put_together(session: Session) -> None:
    def fragment(index: int, arguments: str, **first: object) -> dict[str, object]:
        function = {"arguments": arguments, **({"name": "create_task"} if first else {})}
        return {"index": index, "function": function, **first}

    fragments = [
        [fragment(0, "", id="call_a", type="function")],
        [fragment(0, '{"tit')],
        [fragment(0, 'le": "milk"}')],
        [fragment(1, "", id="call_b", type="function")],
        [fragment(1, '{"title": ')],
        [fragment(1, '"bread"}')],
    ]
    chunks = [chunk({"tool_calls": part}) for part in fragments]
    session.server.script([events(*chunks, chunk(finish="tool_calls")), text("Done.")])

    await session.run()

    assert sorted(session.executed) == sorted(BOTH)
    replayed = session.server.requests[1].json["messages"][-3]["tool_calls"]
    assert [call["id"] for call in replayed] == ["call_a", "call_b"]


async def test_ids_that_each_answer_starts_anew_are_made_distinct(session: Session) -> None:
    first = tool_calls(Call("create_task", MILK, id="call_0"))
    second = tool_calls(Call("create_task", BREAD, id="call_0"))
    session.server.script([first, second, text("Done.")])

    await session.run()

    messages = session.server.requests[2].json["messages"]
    ids = [call["id"] for message in messages for call in message.get("tool_calls", [])]
    assert len(set(ids)) == 2
    outputs = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    assert outputs == ids


async def test_a_signature_goes_back_with_its_call_within_the_run(session: Session) -> None:
    calls = tool_calls(Call("create_task", MILK, signature="sig-1"), Call("create_task", BREAD))
    session.server.script([calls, text("Done.")])

    await session.run()

    milk, bread = session.server.requests[1].json["messages"][-3]["tool_calls"]
    assert milk["extra_content"] == {"google": {"thought_signature": "sig-1"}}
    assert "extra_content" not in bread


async def test_a_signature_goes_back_in_a_later_turn(session: Session) -> None:
    session.server.script(
        [tool_calls(Call("create_task", MILK, signature="sig-1")), text("Done."), text("Yes.")]
    )
    first = await session.run()

    # As it is kept between turns: JSON.
    history = json.loads(json.dumps(first.to_input_list()))
    await session.run([*history, {"role": "user", "content": "And now?"}])

    messages = session.server.requests[2].json["messages"]
    [call] = next(message["tool_calls"] for message in messages if message.get("tool_calls"))
    assert call["extra_content"] == {"google": {"thought_signature": "sig-1"}}


async def test_a_signature_on_text_does_no_harm(session: Session) -> None:
    signed = {"content": "", "extra_content": {"google": {"thought_signature": "sig"}}}
    session.server.script([events(chunk({"content": "Hi."}), chunk(signed, finish="stop"))])

    assert (await session.run()).final_output == "Hi."


async def test_tokens_are_counted_once_although_each_chunk_repeats_them(session: Session) -> None:
    session.server.script([tool_calls(Call("list_tasks")), text("No", " tasks", ".")])

    usage = (await session.run()).context_wrapper.usage

    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (2, 22, 14)
    assert session.server.requests[0].json["stream_options"] == {"include_usage": True}
