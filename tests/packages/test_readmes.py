"""The packages that others take: each alone in an environment, running its README's example."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

from tests.support import network
from tests.support.builds import ROOT
from tests.support.lambda_runtime import function_url_event, running_runtime
from tests.support.runtime_api import RuntimeApi

ENVIRONMENTS = ROOT / ".venv-packages"


def example(package: str, name: str) -> str:
    """The file that the README shows under its name, as printed."""
    readme = (ROOT / "layers" / package / "README.md").read_text("utf-8")
    return found(rf"(?ms)^`{re.escape(name)}`.*?\n\n```python\n(.*?)^```", readme)


def found(pattern: str, text: str) -> str:
    """What the pattern's group matches in the text."""
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]


def metadata(package: str) -> Message:
    [wheel] = (ENVIRONMENTS / package / "dist").glob("*.whl")
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


@pytest.mark.parametrize("package", ["shared", "streaming"])
def test_a_wheel_says_what_it_is_and_under_which_licence(package: str) -> None:
    said = metadata(package)

    assert said["License-Expression"] == "MIT"
    assert said["License-File"] == "LICENSE"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    assert said["Description-Content-Type"] == "text/markdown"
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert (ROOT / "layers" / package / "LICENSE").read_text("utf-8") == licence


@pytest.mark.parametrize("package", ["shared", "streaming"])
def test_an_environment_holds_the_wheel_and_nothing_of_this_folder(package: str) -> None:
    listed = subprocess.run(
        [ENVIRONMENTS / package / "bin/python", "-c", "import sys; print(*sys.path, sep='\\n')"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd="/",
    ).stdout.splitlines()

    assert not [path for path in listed if Path(path).is_relative_to(ROOT / "layers")]


async def test_the_example_of_lambda_streaming_streams(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(example("streaming", "hello.py"))
    python = ENVIRONMENTS / "streaming/bin/python"

    async with (
        RuntimeApi() as api,
        running_runtime(api.address, "hello.app", tmp_path, interpreter=python),
    ):
        answer = await api.offer(function_url_event("/")).answered()

    assert answer.prelude["headers"] == {"content-type": "text/event-stream"}
    assert answer.payload == b"".join(b"data: %d\n\n" % second for second in range(3))
    assert len(answer.pieces) == 3


@asynccontextmanager
async def running_server(folder: Path, database_url: str) -> AsyncIterator[str]:
    """The example as a process; its URL."""
    process = await asyncio.create_subprocess_exec(
        ENVIRONMENTS / "shared/bin/python",
        "server.py",
        cwd=folder,
        # The second start is spared compiling what the first one imported.
        env=network.child_environment(
            DATABASE_URL=database_url, PORT="0", PYTHONDONTWRITEBYTECODE=""
        ),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        said = await process.stderr.readuntil(b"(Press CTRL+C to quit)")
        yield found(r"(http://[\d.:]+)", said.decode())
    finally:
        process.terminate()
        await process.communicate()


async def test_the_example_of_the_store_keeps_a_conversation(
    tmp_path: Path, empty_database_url: str
) -> None:
    (tmp_path / "server.py").write_text(example("shared", "server.py"))
    async with running_server(tmp_path, empty_database_url) as url, httpx2.AsyncClient() as http:
        created = await send(http, url, "threads.create", "Hello")
    thread = found(r"(thr_[0-9a-f]{32})", created)

    async with running_server(tmp_path, empty_database_url) as url, httpx2.AsyncClient() as http:
        added = await send(http, url, "threads.add_user_message", "Again", thread_id=thread)
        request = {"type": "threads.get_by_id", "params": {"thread_id": thread}}
        loaded = (await http.post(f"{url}/chatkit", json=request)).json()

    assert "This thread has 1 items." in created
    assert "This thread has 3 items." in added
    texts = [item["content"][0]["text"] for item in loaded["items"]["data"]]
    assert texts == ["Hello", "This thread has 1 items.", "Again", "This thread has 3 items."]


async def send(http: httpx2.AsyncClient, url: str, kind: str, text: str, **more: str) -> str:
    """A message; the response's body."""
    message = {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }
    response = await http.post(
        f"{url}/chatkit", json={"type": kind, "params": {"input": message, **more}}
    )
    assert response.status_code == 200
    return response.text
