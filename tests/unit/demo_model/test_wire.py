"""The demo model's answers have the quirks that Gemini's have."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from local.demo_model import create_app
from tests.unit.demo_model.person import INSTRUCTIONS, Person


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(first_token_seconds=0, word_seconds=0)) as client:
        yield client


def ask(client: TestClient, question: str, model: str = "any") -> list[dict[str, Any]]:
    messages = [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": question}]
    body = {"model": model, "messages": messages, "stream": True}
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = answer.text.strip().split("\n\n")
    assert events[-1] == "data: [DONE]"
    return [json.loads(event.removeprefix("data: ")) for event in events[:-1]]


def test_text_comes_word_by_word_with_counts_in_each_chunk(client: TestClient) -> None:
    chunks = ask(client, "thanks")

    words = [chunk["choices"][0]["delta"].get("content") for chunk in chunks]
    assert words == ["(Demo", " model)", " You", " are", " welcome!", None]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert all(chunk["usage"]["total_tokens"] for chunk in chunks)


def test_calls_come_whole_in_one_chunk_without_ids_of_their_own(client: TestClient) -> None:
    calls, last = ask(client, "add buy milk and call the bank")

    fragments = calls["choices"][0]["delta"]["tool_calls"]
    assert [(fragment["index"], fragment["id"]) for fragment in fragments] == [(0, ""), (0, "")]
    assert last["choices"][0]["finish_reason"] == "stop"


def test_a_gemini_signs_the_first_call_and_wants_the_signature_back(client: TestClient) -> None:
    person = Person(model="gemini-2.5-flash")
    person.says("add buy milk")
    call = person.messages[2]["tool_calls"][0]
    assert call["extra_content"]["google"]["thought_signature"]

    del call["extra_content"]
    body = {"model": person.model, "messages": person.messages[:4]}
    answer = client.post("/v1/chat/completions", json=body)

    assert answer.status_code == 400
    assert "thought_signature" in answer.json()[0]["error"]["message"]
    # An earlier turn's is not asked for.
    assert person.says("mark it done") == "I marked “Buy milk” as done."


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"messages": []}', b'{"messages": 7}', b"\xff"])
def test_a_bad_request_is_refused_in_a_list(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/chat/completions", content=body)

    assert answer.status_code == 400
    assert answer.json()[0]["error"]["code"] == 400


def test_it_says_that_it_is_there(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/v1/models").json()["data"][0]["id"] == "demo-model"
    assert client.get("/nowhere").status_code == 404
