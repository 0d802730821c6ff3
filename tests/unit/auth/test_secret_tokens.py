"""Tokens signed with the shared secret: what is let in, and every way to be kept out."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from taskchat.auth import TokenVerifier, create_verifier
from taskchat.errors import UnauthenticatedError
from taskchat.settings import AuthSettings

SECRET = "a-secret-of-thirty-two-bytes-and-more"


def verifier(**settings: str) -> TokenVerifier:
    return create_verifier(AuthSettings(secret=SecretStr(SECRET), **settings))


def token(*, key: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    values = {"sub": "alice", "exp": int(time.time()) + 600, **claims}
    return jwt.encode(
        {name: value for name, value in values.items() if value is not None}, key, algorithm
    )


def unsigned(header: object, payload: object, signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, payload))
    return ".".join([*(part.rstrip(b"=").decode() for part in parts), signature])


# Far enough for any test run: they are made once, when the tests are collected.
PAST, FUTURE = int(time.time()) - 86_400, int(time.time()) + 86_400


async def test_tells_who_it_is_and_until_when() -> None:
    expires_at = int(time.time()) + 600
    identity = await verifier().verify(token(email="alice@example.com", exp=expires_at))
    assert (identity.user.id, identity.user.email) == ("alice", "alice@example.com")
    assert identity.expires_at.timestamp() == expires_at


@pytest.mark.parametrize("email", [None, 7, "", "a\0b", "x" * 321])
async def test_does_without_an_address_that_cannot_be_one(email: object) -> None:
    assert (await verifier().verify(token(email=email))).user.email is None


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": PAST}, id="expired"),
        pytest.param({"exp": None}, id="without exp"),
        pytest.param({"exp": "soon"}, id="exp is no number"),
        pytest.param({"exp": 10**300}, id="exp beyond all calendars"),
        pytest.param({"exp": float("inf")}, id="exp never"),
        pytest.param({"nbf": FUTURE}, id="not yet valid"),
        pytest.param({"iat": FUTURE}, id="issued in the future"),
        pytest.param({"iat": [1]}, id="iat is no number"),
        pytest.param({"sub": None}, id="without sub"),
        pytest.param({"sub": ""}, id="empty sub"),
        pytest.param({"sub": "x" * 256}, id="sub too long"),
        pytest.param({"sub": "a\0b"}, id="NUL in sub"),
        pytest.param({"sub": "a\ud800"}, id="surrogate in sub"),
    ],
)
async def test_refuses_claims_that_break_the_rules(claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        await verifier().verify(token(**claims))


async def test_refuses_a_sub_that_is_no_text() -> None:
    # PyJWT itself would not sign it.
    payload = {"sub": 7, "exp": int(time.time()) + 600}
    signed = jwt.api_jws.encode(json.dumps(payload).encode(), SECRET, "HS256")
    with pytest.raises(UnauthenticatedError):
        await verifier().verify(signed)


@pytest.mark.parametrize("claims", [{"exp": -50}, {"nbf": 50}, {"iat": 50}])
async def test_allows_clocks_to_differ_by_a_minute(claims: dict[str, int]) -> None:
    now = int(time.time())
    shifted: dict[str, Any] = {name: now + seconds for name, seconds in claims.items()}
    assert (await verifier().verify(token(**shifted))).user.id == "alice"


@pytest.mark.parametrize("claims", [{"exp": -61}, {"nbf": 70}, {"iat": 70}])
async def test_allows_no_more_than_a_minute(claims: dict[str, int]) -> None:
    now = int(time.time())
    shifted: dict[str, Any] = {name: now + seconds for name, seconds in claims.items()}
    with pytest.raises(UnauthenticatedError):
        await verifier().verify(token(**shifted))


VALID_CLAIMS = {"sub": "alice", "exp": FUTURE}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("garbage", id="garbage"),
        pytest.param("a.b.c", id="not Base64"),
        pytest.param("..", id="empty segments"),
        pytest.param("ä.ö.ü", id="not ASCII"),
        pytest.param("\ud800", id="no text at all"),
        pytest.param("x" * 2_000_000, id="huge"),
        pytest.param(unsigned({"alg": "none"}, VALID_CLAIMS), id="alg none"),
        pytest.param(unsigned({"alg": "None"}, VALID_CLAIMS), id="alg None"),
        pytest.param(unsigned({"alg": "HS256"}, VALID_CLAIMS), id="no signature"),
        pytest.param(unsigned({"alg": ["HS256"]}, VALID_CLAIMS), id="alg is a list"),
        pytest.param(unsigned({}, VALID_CLAIMS), id="no alg"),
        pytest.param(unsigned([], VALID_CLAIMS), id="header is a list"),
        pytest.param(unsigned({"alg": "HS256", "kid": 7}, VALID_CLAIMS), id="kid is a number"),
        pytest.param(token(key="another-secret-of-thirty-two-bytes!"), id="another secret"),
        pytest.param(token(key=SECRET * 2, algorithm="HS512"), id="another algorithm"),
        pytest.param(
            jwt.api_jws.encode(b"[" * 9_000, SECRET, "HS256"), id="payload nested too deeply"
        ),
        pytest.param(jwt.api_jws.encode(b'"text"', SECRET, "HS256"), id="payload is no object"),
        pytest.param(jwt.api_jws.encode(b"\xff{", SECRET, "HS256"), id="payload is no UTF-8"),
    ],
)
async def test_refuses_what_is_no_token_of_ours(text: str) -> None:
    with pytest.raises(UnauthenticatedError) as refusal:
        await verifier().verify(text)
    assert len(str(refusal.value)) < 80


async def test_refuses_a_header_nested_too_deeply() -> None:
    header = base64.urlsafe_b64encode(b"[" * 11_000).decode()
    with pytest.raises(UnauthenticatedError):
        await verifier().verify(f"{header}.e30.")


async def test_refuses_a_token_with_a_changed_payload() -> None:
    header, _, signature = token().split(".")
    forged = unsigned({}, {**VALID_CLAIMS, "sub": "mallory"}).split(".")[1]
    with pytest.raises(UnauthenticatedError):
        await verifier().verify(f"{header}.{forged}.{signature}")


ISSUER = "https://id.example.com/pool"


@pytest.mark.parametrize("issuer", [None, "https://id.example.com/other", [ISSUER], ""])
async def test_refuses_another_issuer_where_one_is_set(issuer: object) -> None:
    signed = jwt.api_jws.encode(
        json.dumps(VALID_CLAIMS | ({"iss": issuer} if issuer is not None else {})).encode(),
        SECRET,
        "HS256",
    )
    with pytest.raises(UnauthenticatedError):
        await verifier(issuer=ISSUER).verify(signed)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": [7]},
        {"aud": 7},
        {"aud": {"page": 1}},
        {"client_id": "page"},
        {"client_id": "page", "token_use": "id"},
        {"client_id": "other", "token_use": "access"},
        {"client_id": "page", "token_use": "access", "aud": "other"},
    ],
)
async def test_refuses_another_audience_where_one_is_set(claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        await verifier(audience="page").verify(
            jwt.api_jws.encode(json.dumps(VALID_CLAIMS | claims).encode(), SECRET, "HS256")
        )


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "page"},
        {"aud": ["other", "page"]},
        {"client_id": "page", "token_use": "access"},
    ],
)
async def test_accepts_the_issuer_and_audience_that_are_set(claims: dict[str, Any]) -> None:
    identity = await verifier(issuer=ISSUER, audience="page").verify(token(iss=ISSUER, **claims))
    assert identity.user.id == "alice"


async def test_takes_any_issuer_and_audience_where_none_is_set() -> None:
    identity = await verifier().verify(token(iss="anybody", aud="anything"))
    assert identity.user.id == "alice"
