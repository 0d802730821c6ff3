"""Tokens of an OpenID Connect provider, whose keys come over HTTP from a loopback server."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from taskchat.auth import AuthUnavailableError, create_verifier
from taskchat.auth.key_set import KeySet
from taskchat.errors import UnauthenticatedError
from taskchat.settings import AuthSettings
from tests.support.http_server import serve

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
P384_KEY = ec.generate_private_key(ec.SECP384R1())

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def public_jwk(key: SigningKey, key_id: str | None, **members: object) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, **({"kid": key_id} if key_id else {}), **members}


def token(key: SigningKey, key_id: str | None, algorithm: str = "RS256", **claims: Any) -> str:
    values = {"sub": "alice", "exp": int(time.time()) + 600, **claims}
    return jwt.encode(values, key, algorithm, headers={"kid": key_id} if key_id else None)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Provider:
    """What the server at `url` answers, and how often it was asked."""

    keys: list[Any] = field(default_factory=list)
    body: bytes | None = None
    status: int = 200
    delay: float = 0
    requests: int = 0
    url: str = ""

    async def answer(self, _request: Request) -> Response:
        self.requests += 1
        await asyncio.sleep(self.delay)
        if self.body is not None:
            return Response(self.body, self.status)
        return Response(json.dumps({"keys": self.keys}), self.status)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider(keys=[public_jwk(RSA_KEY, "one"), public_jwk(EC_KEY, "two")])
    async with serve(Starlette(routes=[Route("/jwks", provider.answer)])) as url:
        provider.url = f"{url}/jwks"
        yield provider


async def verify(provider: Provider, text: str) -> str:
    verifier = create_verifier(AuthSettings(jwks_url=provider.url))
    return (await verifier.verify(text)).user.id


@pytest.mark.parametrize(
    ("key", "key_id", "algorithm"), [(RSA_KEY, "one", "RS256"), (EC_KEY, "two", "ES256")]
)
async def test_accepts_both_kinds_of_signature(
    provider: Provider, key: SigningKey, key_id: str, algorithm: str
) -> None:
    assert await verify(provider, token(key, key_id, algorithm)) == "alice"


async def test_checks_issuer_and_audience(provider: Provider) -> None:
    settings = AuthSettings(jwks_url=provider.url, issuer="https://id", audience="page")
    verifier = create_verifier(settings)
    good = token(RSA_KEY, "one", iss="https://id", aud="page")
    assert (await verifier.verify(good)).user.id == "alice"
    for wrong in ({"iss": "https://id"}, {"iss": "https://other", "aud": "page"}, {}):
        with pytest.raises(UnauthenticatedError):
            await verifier.verify(token(RSA_KEY, "one", **wrong))


def rsa_pem() -> bytes:
    return RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def signed_with_the_public_key() -> str:
    """The classic confusion: HS256 with the provider's public key as the secret."""

    def encode(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

    header = encode(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    payload = encode(json.dumps({"sub": "alice", "exp": int(time.time()) + 600}).encode())
    digest = hmac.digest(rsa_pem(), f"{header}.{payload}".encode(), hashlib.sha256)
    return f"{header}.{payload}.{encode(digest)}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(token(OTHER_RSA_KEY, "one"), id="another key under a known id"),
        pytest.param(token(RSA_KEY, "two"), id="an RSA token under the id of an EC key"),
        pytest.param(token(RSA_KEY, "three"), id="unknown id"),
        pytest.param(token(RSA_KEY, None), id="no id, though there are two keys"),
        pytest.param(token(RSA_KEY, "one", "RS512"), id="RS512"),
        pytest.param(token(RSA_KEY, "one", "PS256"), id="PS256"),
        pytest.param(token(P384_KEY, "two", "ES384"), id="ES384"),
        pytest.param(signed_with_the_public_key(), id="HS256 by the public key"),
        pytest.param(token(RSA_KEY, "one", exp=1), id="expired"),
        pytest.param("garbage", id="garbage"),
    ],
)
async def test_refuses_what_the_provider_did_not_sign(provider: Provider, text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await verify(provider, text)


async def test_asks_nobody_about_a_token_with_a_wrong_algorithm(provider: Provider) -> None:
    with pytest.raises(UnauthenticatedError):
        await verify(provider, signed_with_the_public_key())
    assert provider.requests == 0


async def test_a_token_without_key_id_takes_the_only_key(provider: Provider) -> None:
    provider.keys = [public_jwk(RSA_KEY, None)]
    assert await verify(provider, token(RSA_KEY, None)) == "alice"


@pytest.mark.parametrize(
    "unusable",
    [
        pytest.param(public_jwk(RSA_KEY, "x", use="enc"), id="for encryption"),
        pytest.param(public_jwk(RSA_KEY, "x", alg="PS256"), id="for another algorithm"),
        pytest.param(public_jwk(P384_KEY, "x"), id="on another curve"),
        pytest.param(public_jwk(RSA_KEY, "x", n="!"), id="not a number"),
        pytest.param({"kty": "oct", "kid": "x", "k": "c2VjcmV0"}, id="a secret"),
        pytest.param({"kty": ["RSA"], "kid": "x"}, id="of no type"),
        pytest.param({**public_jwk(RSA_KEY, None), "kid": 7}, id="with a number for an id"),
        pytest.param("text", id="not an object"),
    ],
)
async def test_passes_over_keys_that_it_cannot_use(provider: Provider, unusable: object) -> None:
    provider.keys.insert(0, unusable)
    assert await verify(provider, token(RSA_KEY, "one")) == "alice"
    with pytest.raises(UnauthenticatedError):
        await verify(provider, token(RSA_KEY, "x"))


async def test_refuses_a_key_that_is_too_short(provider: Provider) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    provider.keys = [public_jwk(short, "short")]
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        text = token(short, "short")
    with pytest.raises(UnauthenticatedError):
        await verify(provider, text)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 302},
        {"body": b"no JSON"},
        {"body": b"[]"},
        {"body": b'{"keys": {}}'},
        {"body": b'{"keys": []}'},
        {"body": b"\xff"},
        {"body": b"[" * 200_000},
        {"body": b" " * 300_000},
    ],
)
async def test_is_unavailable_while_the_provider_gives_no_keys(
    provider: Provider, answer: dict[str, Any]
) -> None:
    for name, value in answer.items():
        setattr(provider, name, value)
    with pytest.raises(AuthUnavailableError):
        await verify(provider, token(RSA_KEY, "one"))


async def test_is_unavailable_while_the_provider_cannot_be_reached() -> None:
    verifier = create_verifier(AuthSettings(jwks_url="http://127.0.0.1:1/jwks"))
    with pytest.raises(AuthUnavailableError) as failure:
        await verifier.verify(token(RSA_KEY, "one"))
    assert failure.value.status == 503


async def test_gives_up_on_a_body_that_never_ends() -> None:
    async def endless(_request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536
                await asyncio.sleep(0)

        return StreamingResponse(chunks())

    async with serve(Starlette(routes=[Route("/jwks", endless)])) as url:
        verifier = create_verifier(AuthSettings(jwks_url=f"{url}/jwks"))
        with pytest.raises(AuthUnavailableError):
            await verifier.verify(token(RSA_KEY, "one"))


async def test_keeps_the_keys(provider: Provider) -> None:
    keys = KeySet(provider.url)
    for _ in range(3):
        assert await keys.find("one", "RS256")
    assert provider.requests == 1


async def test_concurrent_callers_share_one_fetch(provider: Provider) -> None:
    provider.delay = 0.05
    keys = KeySet(provider.url)
    found = await asyncio.gather(*(keys.find("one", "RS256") for _ in range(50)))
    assert all(found)
    assert provider.requests == 1


async def test_a_caller_that_goes_away_does_not_take_the_fetch_along(provider: Provider) -> None:
    provider.delay = 0.05
    keys = KeySet(provider.url)
    first = asyncio.create_task(keys.find("one", "RS256"))
    second = asyncio.create_task(keys.find("one", "RS256"))
    await asyncio.sleep(0.02)
    first.cancel()
    assert await second
    assert provider.requests == 1


async def test_finds_a_new_key_after_a_rotation(provider: Provider) -> None:
    clock = Clock()
    keys = KeySet(provider.url, clock=clock)
    assert await keys.find("one", "RS256")
    provider.keys = [public_jwk(OTHER_RSA_KEY, "new")]
    clock.now += 31
    assert await keys.find("new", "RS256")
    assert await keys.find("one", "RS256") is None


async def test_unknown_ids_cause_a_fetch_in_thirty_seconds_at_most(provider: Provider) -> None:
    clock = Clock()
    keys = KeySet(provider.url, clock=clock)
    for number in range(100):
        assert await keys.find(f"invented {number}", "RS256") is None
        clock.now += 1
    assert provider.requests == 4


async def test_asks_again_after_an_hour(provider: Provider) -> None:
    clock = Clock()
    keys = KeySet(provider.url, clock=clock)
    await keys.find("one", "RS256")
    provider.keys = [public_jwk(EC_KEY, "two")]
    clock.now += 3_601
    assert await keys.find("one", "RS256") is None
    assert provider.requests == 2


async def test_known_keys_stay_in_use_while_the_provider_is_down(provider: Provider) -> None:
    clock = Clock()
    keys = KeySet(provider.url, clock=clock)
    await keys.find("one", "RS256")
    provider.status = 503
    clock.now += 7_200
    for _ in range(10):
        assert await keys.find("one", "RS256")
    assert provider.requests == 2


async def test_recovers_when_the_provider_is_back(provider: Provider) -> None:
    clock = Clock()
    keys = KeySet(provider.url, clock=clock)
    provider.status = 503
    for _ in range(3):
        with pytest.raises(AuthUnavailableError):
            await keys.find("one", "RS256")
    assert provider.requests == 1
    provider.status = 200
    clock.now += 6
    assert await keys.find("one", "RS256")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "JWT_ISSUER and JWT_AUDIENCE"),
        ({"issuer": "https://provider.example"}, "JWT_AUDIENCE"),
        ({"audience": "taskchat"}, "JWT_ISSUER"),
    ],
)
def test_a_key_set_that_admits_other_applications_people_is_warned_of(
    settings: dict[str, str], missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    create_verifier(AuthSettings(jwks_url="https://provider.example/keys", **settings))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(f"{missing} not set")


def test_a_key_set_with_issuer_and_audience_is_not_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    create_verifier(
        AuthSettings(
            jwks_url="https://provider.example/keys",
            issuer="https://provider.example",
            audience="taskchat",
        )
    )
    create_verifier(AuthSettings(secret=SecretStr("x" * 32)))
    assert caplog.records == []
