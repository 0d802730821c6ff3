"""`make smoke` against a good endpoint and against bad ones."""

import asyncio
import hashlib
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


@contextmanager
def half(url: str, *, chat: bool) -> Iterator[str]:
    """An address that serves the chat alone or all but the chat, and answers whole.

    Like CloudFront's way to a function URL, it refuses a POST whose body's hash is missing.
    """

    class Half(BaseHTTPRequestHandler):
        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            signed = self.headers.get("x-amz-content-sha256") == hashlib.sha256(body).hexdigest()
            if (self.path == "/api/chatkit") != chat:
                answer = httpx2.Response(404)
            elif self.command == "POST" and not signed:
                answer = httpx2.Response(403)
            else:
                kept = ("authorization", "content-type")
                headers = {name: self.headers[name] for name in kept if name in self.headers}
                answer = httpx2.request(
                    self.command, url + self.path, content=body, headers=headers, timeout=30
                )
            content = answer.read()
            self.send_response(answer.status_code)
            for name in ("content-type", "x-change-id"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.forward()

        def do_POST(self) -> None:
            self.forward()

        def do_DELETE(self) -> None:
            self.forward()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Half)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def smoke(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.smoke", *arguments),
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


async def test_two_addresses_serve_half_each(database_url: str) -> None:
    async with ModelServer() as model:
        model.script(create_what_is_asked)
        async with chat_application(app_environment(database_url, model)) as url:
            with half(url, chat=False) as api:
                code, output = await smoke(api, token_for("alice"), url)
    assert (code, output.count("✓")) == (0, 7), output


async def test_an_answer_that_comes_whole_is_named(database_url: str) -> None:
    async with ModelServer() as model:
        model.script(create_what_is_asked)
        async with chat_application(app_environment(database_url, model)) as url:
            with half(url, chat=True) as chat:
                code, output = await smoke(url, token_for("alice"), chat)
    assert code == 1
    assert "not so: the answer streams" in output
