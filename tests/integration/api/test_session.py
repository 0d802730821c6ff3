"""/api/session: signing in, what the page needs to know, signing out."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
import pytest

from taskchat.database import Database
from taskchat.limits import count_answer
from taskchat.settings import LimitSettings
from taskchat.users import User, ensure_user
from tests.support.problems import assert_problem

Sign = Callable[..., str]


def assert_is_alices(session: dict[str, object]) -> None:
    limits = session.pop("limits")
    assert session == {
        "user": {"id": "alice", "email": "alice@example.com"},
        "chatkit": {"url": "/api/chatkit", "domain_key": "domain_pk_localhost_dev"},
        "model": "gemini-of-the-test",
        "attachments": None,
    }
    assert isinstance(limits, dict)
    resets_at = datetime.fromisoformat(limits.pop("resets_at"))
    assert limits == {"per_minute": 3, "per_day": 5, "remaining": 3}
    assert 0 <= (resets_at - datetime.now(UTC)).total_seconds() <= 60


async def test_tells_the_page_what_it_needs(alice: httpx2.AsyncClient) -> None:
    response = await alice.get("/api/session")
    assert response.status_code == 200
    assert_is_alices(response.json())


async def test_signs_in_with_the_token_in_the_body(
    anonymous: httpx2.AsyncClient, sign: Sign
) -> None:
    token = sign("alice", email="alice@example.com")
    response = await anonymous.post("/api/session", json={"token": token})
    assert response.status_code == 200
    assert_is_alices(response.json())
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"auth_token={token};")
    assert "HttpOnly" in cookie
    assert "Secure" in cookie


async def test_signs_in_with_the_bearer_header(alice: httpx2.AsyncClient) -> None:
    response = await alice.post("/api/session")
    assert_is_alices(response.json())
    assert "auth_token=" in response.headers["set-cookie"]


async def test_the_cookie_alone_is_enough_then(anonymous: httpx2.AsyncClient, sign: Sign) -> None:
    cookie = {"Cookie": f"auth_token={sign('alice')}"}
    assert (await anonymous.get("/api/session", headers=cookie)).status_code == 200
    for origin, status in [
        (str(anonymous.base_url).rstrip("/"), 201),
        ("https://front.example", 201),
        ("https://evil.example", 403),
        ("null", 403),
    ]:
        response = await anonymous.post(
            "/api/tasks", json={"title": "t"}, headers={**cookie, "Origin": origin}
        )
        assert response.status_code == status


@pytest.mark.parametrize(
    "path", ["/api/tasks/tsk_0", "/api/threads/thr_0/run", "/api/session", "/api/account"]
)
async def test_another_sites_page_cannot_delete_with_the_cookie(
    anonymous: httpx2.AsyncClient, sign: Sign, path: str
) -> None:
    headers = {"Cookie": f"auth_token={sign('alice')}", "Origin": "https://evil.example"}
    assert_problem(await anonymous.delete(path, headers=headers), 403, "forbidden")


async def test_another_sites_page_cannot_sign_the_person_in_as_somebody_else(
    anonymous: httpx2.AsyncClient, sign: Sign
) -> None:
    response = await anonymous.post(
        "/api/session",
        json={"token": sign("mallory")},
        headers={"Origin": "https://evil.example"},
    )
    assert_problem(response, 403, "forbidden")
    assert "set-cookie" not in response.headers


async def test_signs_out(anonymous: httpx2.AsyncClient) -> None:
    response = await anonymous.delete("/api/session")
    assert (response.status_code, response.content) == (204, b"")
    assert "Max-Age=0" in response.headers["set-cookie"]


async def test_what_remains_shrinks_with_each_message(
    alice: httpx2.AsyncClient, database: Database
) -> None:
    settings = LimitSettings(messages_per_minute=3, messages_per_day=5)
    for remaining in (2, 1, 0):
        async with database.transaction() as connection:
            await ensure_user(connection, User("alice"))
            await count_answer(connection, "alice", settings)
        limits = (await alice.get("/api/session")).json()["limits"]
        assert limits["remaining"] == remaining


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"token": null}', b'{"token": ""}', b'{"token": "garbage"}']
)
async def test_does_not_sign_in_without_a_valid_token(
    anonymous: httpx2.AsyncClient, body: bytes
) -> None:
    response = await anonymous.post("/api/session", content=body)
    assert_problem(response, 401, "unauthenticated")
    assert "set-cookie" not in response.headers


async def test_the_token_must_be_text(anonymous: httpx2.AsyncClient) -> None:
    response = await anonymous.post("/api/session", json={"token": 7})
    assert assert_problem(response, 422, "invalid-fields")["fields"] == {"token": "must be text"}


async def test_an_expired_token_is_refused_everywhere(
    anonymous: httpx2.AsyncClient, sign: Sign
) -> None:
    headers = {"Authorization": f"Bearer {sign('alice', expires_in=-100)}"}
    for method, path in [
        ("GET", "/api/session"),
        ("POST", "/api/session"),
        ("GET", "/api/tasks"),
        ("POST", "/api/tasks"),
        ("GET", "/api/tasks/tsk_0"),
        ("PATCH", "/api/tasks/tsk_0"),
        ("DELETE", "/api/tasks/tsk_0"),
        ("POST", "/api/changes/chg_0/undo"),
        ("DELETE", "/api/threads/thr_0/run"),
        ("GET", "/api/account/export"),
        ("DELETE", "/api/account"),
    ]:
        for sent in (headers, {}):
            response = await anonymous.request(method, path, headers=sent)
            assert_problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"
