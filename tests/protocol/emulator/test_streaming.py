"""A streamed answer passes through the emulator as it is made."""

import time
from statistics import median

from tests.protocol.emulator.conftest import Emulate, Logs, eventually

TEN_CHUNKS = """
    import asyncio, time

    def handler():
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                raise RuntimeError("no lifespan")
            await send({"type": "http.response.start", "status": 200, "headers": [
                (b"content-type", b"text/plain"),
                (b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; HttpOnly"),
            ]})
            for number in range(10):
                body = repr(time.time()).encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
                await asyncio.sleep(0.1)
            await send({"type": "http.response.body", "body": b""})
        return app
"""


async def test_each_chunk_arrives_before_the_next_is_sent(emulate: Emulate) -> None:
    sent, arrived = [], []
    async with emulate(TEN_CHUNKS) as served:
        await served.client.get("/")  # warm
        async with served.client.stream("GET", "/") as response:
            async for chunk in response.aiter_raw():
                sent.append(float(chunk))
                arrived.append(time.time())

    assert len(sent) == 10
    assert all(at < following for at, following in zip(arrived, sent[1:], strict=False))
    delays = [(at - of) * 1000 for of, at in zip(sent, arrived, strict=True)]
    print(f"delay from app to client: median {median(delays):.1f} ms, most {max(delays):.1f} ms")


async def test_status_headers_and_cookies_come_from_the_prelude(emulate: Emulate) -> None:
    async with emulate(TEN_CHUNKS) as served:
        response = await served.client.get("/")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain"
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; HttpOnly"]
    assert "content-length" not in response.headers


async def test_an_answer_without_a_body_keeps_its_status(emulate: Emulate) -> None:
    source = """
        def handler():
            async def app(scope, receive, send):
                if scope["type"] == "http":
                    await send({"type": "http.response.start", "status": 204, "headers": []})
                    await send({"type": "http.response.body", "body": b""})
            return app
    """
    async with emulate(source) as served:
        first = await served.client.get("/")
        second = await served.client.get("/")

    assert [first.status_code, second.status_code] == [204, 204]
    assert first.content == b""


async def test_a_function_goes_on_when_its_client_is_gone(emulate: Emulate, logs: Logs) -> None:
    source = """
        import asyncio

        def handler():
            async def app(scope, receive, send):
                if scope["type"] == "lifespan":
                    return
                await send({"type": "http.response.start", "status": 200, "headers": []})
                for number in range(20):
                    await send({"type": "http.response.body", "body": b"x" * 100_000,
                                "more_body": True})
                    await asyncio.sleep(0.02)
                await send({"type": "http.response.body", "body": b""})
                print("all of it was sent", flush=True)
            return app
    """
    async with emulate(source) as served:
        async with served.client.stream("GET", "/") as response:
            await anext(response.aiter_raw())
        answer = await served.client.get("/")
        await eventually(lambda: len(logs.of("REPORT")) == 2)

    assert len(answer.content) == 2_000_000
    assert len(logs.of("all of it was sent")) == 2
    assert "Error" not in logs.text


async def test_an_error_after_the_start_is_reported_in_the_log_only(
    emulate: Emulate, logs: Logs
) -> None:
    source = """
        def handler():
            async def app(scope, receive, send):
                if scope["type"] == "lifespan":
                    return
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"begun", "more_body": True})
                raise ValueError("and failed")
            return app
    """
    async with emulate(source) as served:
        response = await served.client.get("/")
        await eventually(lambda: len(logs.of("REPORT")) == 1)

    assert response.status_code == 200
    assert response.content.startswith(b"begun")
    assert "Status: error" in logs.of("REPORT")[0]
