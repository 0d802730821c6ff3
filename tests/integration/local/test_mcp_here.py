"""The local server offers MCP at the page's address."""

import httpx2

from tests.support.chat import app_environment, chat_application
from tests.support.mcp import call, connect
from tests.support.model_server import ModelServer


async def test_an_mcp_client_makes_a_task_that_the_page_shows(database_url: str) -> None:
    async with (
        ModelServer() as model,
        chat_application(app_environment(database_url, model)) as url,
        httpx2.AsyncClient(base_url=url) as page,
    ):
        metadata = await page.get("/.well-known/oauth-protected-resource")
        signed = await page.post("/api/dev/token", json={"user": "alice"})
        token = signed.json()["access_token"]
        async with connect(url, token) as session:
            await call(session, "create_task", title="Milk")
        listed = await page.get("/api/tasks", headers={"Authorization": f"Bearer {token}"})

    assert metadata.json()["resource"] == f"{url}/mcp"
    assert [task["title"] for task in listed.json()["tasks"]] == ["Milk"]
