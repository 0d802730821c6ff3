"""Many tokens that arrive at once."""

from tests.integration.gemini.session import Session
from tests.support.model_server import (
    DONE,
    USAGE,
    Call,
    chunk,
    event,
    raw,
)

WORDS = [f" wörd{number}" for number in range(300)]
TEXT = "".join(WORDS)


def said(words: list[str]) -> bytes:
    return b"".join(
        event(chunk({"content": word}, usage={**USAGE, "completion_tokens": number}))
        for number, word in enumerate(words)
    )


async def test_a_burst_is_few_chunks_with_all_of_its_text(session: Session) -> None:
    end = event(chunk(finish="stop", usage={**USAGE, "completion_tokens": 300}))
    session.server.script([raw(said(WORDS[:1]), 0.1, said(WORDS[1:]) + end + DONE)])
    stream = await session.client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    assert chunks[0].choices[0].delta.content == WORDS[0]
    # One for each time that the connection was read, and the last one.
    assert len(chunks) < len(WORDS) / 3
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == 300


async def test_a_tool_call_in_a_burst_stays_what_and_where_it_is(session: Session) -> None:
    call = Call("create_task", {"title": "Milk"}, signature="signed")
    calls = event(chunk({"tool_calls": [call.as_delta()]}))
    end = event(chunk(finish="stop", usage=USAGE))
    session.server.script(
        [raw(said(WORDS[:150]) + calls + end + DONE), raw(said(WORDS[150:]) + end + DONE)]
    )
    result = await session.run()

    assert session.executed == [("create_task", "Milk")]
    (asked,) = [m for m in session.server.requests[1].json["messages"] if m["role"] == "assistant"]
    assert asked["content"] == "".join(WORDS[:150])
    (sent_back,) = asked["tool_calls"]
    assert sent_back["extra_content"] == {"google": {"thought_signature": "signed"}}
    assert result.final_output == "".join(WORDS[150:])
    usage = result.context_wrapper.usage
    assert usage.output_tokens == 2 * USAGE["completion_tokens"]
