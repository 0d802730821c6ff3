"""`make smoke` against a good endpoint and against bad ones."""

import asyncio
import re
import sys

import httpx2

from tests.support.chat import app_environment, chat_application, token_for
from tests.support.model_server import (
    Call,
    ModelServer,
    RecordedRequest,
    Reply,
    problem,
    text,
    tool_calls,
)


async def smoke(url: str, token: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.smoke", url, token),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def create_what_is_asked(request: RecordedRequest) -> Reply:
    messages = request.json["messages"]
    if messages[-1]["role"] == "tool":
        return text("It", " is", " on", " the", " list.", delay=0.05)
    (title,) = re.findall(r"Smoke test \w+", str(messages[-1]["content"]))
    return tool_calls(Call("create_task", {"title": title}))


async def test_a_good_endpoint_passes_and_is_left_as_it_was(database_url: str) -> None:
    async with ModelServer() as model:
        model.script(create_what_is_asked)
        async with chat_application(app_environment(database_url, model)) as url:
            code, output = await smoke(url, token_for("alice"))
            assert (code, output.count("✓")) == (0, 7), output
            headers = {"Authorization": f"Bearer {token_for('alice')}"}
            async with httpx2.AsyncClient(base_url=url, headers=headers) as http:
                assert (await http.get("/api/tasks")).json()["tasks"] == []


async def test_what_is_wrong_is_named(database_url: str) -> None:
    async with ModelServer() as model:
        model.script([problem(400)])
        async with chat_application(app_environment(database_url, model)) as url:
            assert "the token is accepted" in (await smoke(url, "wrong"))[1]
            code, output = await smoke(url, token_for("alice"))
    assert code == 1
    assert "the answer has no error" in output
