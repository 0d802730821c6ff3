"""Nothing is sent to anyone but the configured server: no model of OpenAI, no traces."""

import sys
from collections.abc import Iterator

import agents
import chatkit.server
import pytest
from agents.tracing import get_trace_provider

from taskchat.gemini import create_client
from tests.integration.gemini.session import Session
from tests.support.model_server import Call, text, tool_calls

_watched: list[set[object]] = []


def _watch(name: str, arguments: tuple[object, ...]) -> None:
    if _watched and name == "socket.connect":
        _watched[-1].add(arguments[1])
    if _watched and name == "socket.getaddrinfo":
        _watched[-1].add(arguments[0])


sys.addaudithook(_watch)


@pytest.fixture
def addresses() -> Iterator[set[object]]:
    """What this process connects to or looks up."""
    _watched.append(set())
    yield _watched[-1]
    _watched.pop()


async def test_a_run_connects_to_the_configured_server_alone(
    session: Session, addresses: set[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-must-not-be-used")
    session.server.script([tool_calls(Call("list_tasks")), text("Nothing to do.")])
    port = session.client.base_url.port

    await session.run()
    get_trace_provider().force_flush()
    get_trace_provider().shutdown()

    assert addresses <= {"127.0.0.1", ("127.0.0.1", port)}
    assert len(session.server.requests) == 2
    assert {request.path for request in session.server.requests} == {"/v1/chat/completions"}


async def test_an_account_with_openai_is_not_named_to_the_server(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-someone")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-someone")
    session.server.script([text("Hi.")])

    async with create_client(session.settings, "test-key") as client:
        await Session(session.server, session.settings, client).run()

    headers = session.server.requests[0].headers
    assert headers["authorization"] == "Bearer test-key"
    assert headers["accept-encoding"] == "identity"
    assert not {name for name in headers if name.startswith("openai-")}


async def test_tracing_is_off_and_has_no_exporter(session: Session) -> None:
    session.agent()

    with agents.trace("anything") as trace:
        assert trace.export() is None


async def test_the_pinned_pair_of_chatkit_and_agents_fits(session: Session) -> None:
    """ChatKit's SDK imports private names of openai-agents: a pin of one alone breaks here."""
    session.server.script([text("Hi.")])

    with chatkit.server.agents_sdk_user_agent_override():
        await session.run()

    agent = session.server.requests[0].headers["user-agent"]
    assert f"Agents/Python {agents.__version__}" in agent
    assert "ChatKit/Python" in agent
