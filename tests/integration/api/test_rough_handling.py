"""Requests that no page of ours sends: each is answered with what is wrong, and none does harm."""

import json
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.api.app import ApiSettings, create_app
from tests.support.http_server import serve
from tests.support.problems import assert_problem

WRITES = [
    ("POST", "/api/tasks"),
    ("PATCH", "/api/tasks/tsk_0"),
    ("POST", "/api/session"),
]


NO_OBJECTS = {
    "broken off": b"{",
    "a form": b"title=t",
    "invalid UTF-8": b'{"title": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "nested too deeply": b"[" * 100_000,
    "a number too long": b'{"title": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_what_is_no_json_object_is_refused(
    alice: httpx2.AsyncClient, method: str, path: str
) -> None:
    for body in NO_OBJECTS.values():
        response = await alice.request(
            method, path, content=body, headers={"Content-Type": "application/json"}
        )
        assert_problem(response, 400, "bad-request")
    assert (await alice.get("/api/tasks")).json()["tasks"] == []


@pytest.mark.parametrize(
    "name", ["application/x-www-form-urlencoded", "text/plain", "", "nonsense"]
)
async def test_json_is_read_whatever_it_is_called(alice: httpx2.AsyncClient, name: str) -> None:
    response = await alice.post(
        "/api/tasks", content=b'{"title": "t"}', headers={"Content-Type": name}
    )
    assert response.status_code == 201


async def test_a_missing_body_is_named(alice: httpx2.AsyncClient) -> None:
    problem = assert_problem(await alice.post("/api/tasks"), 422, "invalid-fields")
    assert problem["fields"] == {"body": "is required"}


async def chunks(size: int) -> AsyncIterator[bytes]:
    yield b'{"title": "'
    for _ in range(size // 50_000):
        yield b"x" * 50_000
    yield b'"}'


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_body_of_two_megabytes_is_refused(
    alice: httpx2.AsyncClient, method: str, path: str
) -> None:
    for content in (b"x" * 2_000_000, chunks(2_000_000)):
        response = await alice.request(method, path, content=content)
        assert_problem(response, 413, "payload-too-large")
        assert (await alice.get("/healthz")).status_code == 200


async def test_a_bad_time_zone_is_refused(alice: httpx2.AsyncClient) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", "x" * 500):
        for method, path in (("GET", "/api/tasks"), *WRITES[:2]):
            response = await alice.request(
                method, path, headers={"X-Timezone": zone}, content=b'{"title": "t"}'
            )
            assert_problem(response, 400, "bad-request")


async def test_a_wrong_method_is_told_the_right_ones(alice: httpx2.AsyncClient) -> None:
    for method, path, allowed in [
        ("PUT", "/api/tasks", "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/api/tasks", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/api/tasks/tsk_0", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("PATCH", "/api/session", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/changes/chg_0/undo", "OPTIONS, POST"),
        ("GET", "/api/threads/thr_0/run", "DELETE, OPTIONS"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("BREW", "/api/tasks", "GET, HEAD, OPTIONS, POST"),
    ]:
        response = await alice.request(method, path)
        assert_problem(response, 405, "method-not-allowed")
        assert response.headers["allow"] == allowed


async def test_an_unknown_address_is_not_found(alice: httpx2.AsyncClient) -> None:
    for path in ("/", "/api", "/api/", "/api/tasks/", "/docs", "/api/chatkit"):
        assert_problem(await alice.get(path), 404, "not-found")


async def test_head_is_get_without_the_body(alice: httpx2.AsyncClient) -> None:
    got, asked = await alice.get("/api/tasks"), await alice.head("/api/tasks")
    assert asked.status_code == 200
    assert asked.content == b""
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert (await alice.head("/api/tasks/tsk_0")).status_code == 404


async def test_no_answer_invites_other_origins(alice: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for response in (
        await alice.options("/api/tasks", headers=headers),
        await alice.get("/api/tasks", headers=headers),
    ):
        assert not [name for name in response.headers if name.startswith("access-control")]


async def test_health_needs_no_database_and_readiness_does(settings: ApiSettings) -> None:
    nowhere = settings.database.model_validate({"url": "postgresql://u@127.0.0.1:1/none"})
    lost = ApiSettings(nowhere, settings.auth, settings.limits, settings.web, settings.model)
    async with (
        serve(create_app(lost)) as url,
        httpx2.AsyncClient(base_url=url, timeout=20) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        response = await client.get("/readyz")
        assert_problem(response, 503, "database-unavailable")
        assert response.headers["retry-after"] == "5"
        assert "127.0.0.1" not in response.text


async def test_it_is_ready_with_a_database(anonymous: httpx2.AsyncClient) -> None:
    assert (await anonymous.get("/readyz")).status_code == 200


async def test_the_api_describes_itself(anonymous: httpx2.AsyncClient) -> None:
    description = (await anonymous.get("/api/openapi.json")).json()
    create = description["paths"]["/api/tasks"]["post"]
    body = create["requestBody"]["content"]["application/json"]["schema"]
    name = body["$ref"].removeprefix("#/components/schemas/")
    assert "title" in description["components"]["schemas"][name]["properties"]
    problem = create["responses"]["4XX"]["content"]["application/problem+json"]["schema"]
    assert "fields" in problem["properties"]
    assert "422" not in create["responses"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text("\0\ud800 9-:T+"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["title", "description", "priority", "tags", "due_at", "completed", "completed_at", "token"]
)
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELDS, JSON, max_size=5).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELDS, JSON, max_size=4).map(
        lambda value: json.dumps({"title": "t", **value}).encode()
    ),
)
TIMES = st.datetimes().map(lambda moment: moment.isoformat()) | st.dates().map(str)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["completed", "priority", "tag", "due_before", "due_after", "q", "limit", "cursor", "x"]
    ),
    st.one_of(
        st.text(max_size=30),
        st.integers().map(str),
        TIMES,
        st.sampled_from(["true", "low", "%", "_", "\\", "a\0b"]),
    ),
    max_size=4,
)

# One server and one database for all examples: what one leaves behind, the next must stand.
fuzz = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_sane(response: httpx2.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


@fuzz
@given(st.sampled_from(WRITES), BODIES)
async def test_no_body_is_too_odd(
    alice: httpx2.AsyncClient, write: tuple[str, str], body: bytes
) -> None:
    assert_sane(await alice.request(*write, content=body))


@fuzz
@given(BODIES)
async def test_no_change_of_a_task_is_too_odd(alice: httpx2.AsyncClient, body: bytes) -> None:
    task = await alice.post("/api/tasks", json={"title": "t"})
    assert_sane(await alice.patch(task.headers["location"], content=body))


@fuzz
@given(QUERIES)
async def test_no_query_is_too_odd(alice: httpx2.AsyncClient, query: dict[str, str]) -> None:
    text = "&".join(
        f"{name}={quote(value, errors='surrogatepass')}" for name, value in query.items()
    )
    assert_sane(await alice.get(f"/api/tasks?{text}"))


@fuzz
@given(st.text(max_size=40))
async def test_no_id_is_too_odd(alice: httpx2.AsyncClient, name: str) -> None:
    quoted = quote(name, safe="", errors="surrogatepass")
    assert_sane(await alice.get(f"/api/tasks/{quoted}"))
    assert_sane(await alice.post(f"/api/changes/{quoted}/undo"))
    assert_sane(await alice.delete(f"/api/threads/{quoted}/run"))
