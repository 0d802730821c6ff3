"""A person who uses what was deployed: signs in with Cognito, chats, keeps tasks."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.deploy.emulated import EmulatedAws


def sign_in(aws: EmulatedAws, pool: str, client: str, email: str, password: str) -> str:
    """The token of a sign-in on Cognito's own pages, by the code flow with PKCE."""
    cognito = aws.client("cognito-idp")
    settings = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
    redirect = settings["CallbackURLs"][0]
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    form = {
        "client_id": client,
        "redirect_uri": redirect,
        "scope": " ".join(settings["AllowedOAuthScopes"]),
        "state": secrets.token_urlsafe(8),
        "response_type": "code",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    answer = httpx2.post(
        f"{aws.endpoint}/login", data=form | {"username": email, "password": password}
    )
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == [form["state"]]
    tokens = httpx2.post(
        f"{aws.endpoint}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client,
            "redirect_uri": redirect,
            "code": query["code"][0],
            "code_verifier": verifier,
        },
    ).json()
    token: str = tokens["id_token"]
    return token


@dataclass(frozen=True)
class Person:
    """Sends requests as the page does: the token in the cookie, the body's hash in a header."""

    aws: EmulatedAws
    origin: str
    token: str

    def request(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """The response to a request with a JSON body, or none."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {
            "content-type": "application/json",
            "cookie": f"auth_token={self.token}",
            "origin": self.origin,
            "x-amz-content-sha256": hashlib.sha256(content).hexdigest(),
        }
        return self.aws.send(method, self.origin + path, headers=headers, content=content)

    def chat(self, kind: str, **params: Any) -> httpx2.Response:
        """The response to a request of ChatKit's protocol."""
        return self.request("POST", "/api/chatkit", {"type": kind, "params": params})

    def say(self, text: str, *attachments: str) -> list[dict[str, Any]]:
        """The events of the answer to a message in a new thread."""
        message = {
            "content": [{"type": "input_text", "text": text}],
            "attachments": attachments,
            "inference_options": {},
        }
        answer = self.chat("threads.create", input=message)
        assert answer.status_code == 200, answer.text
        lines = (line for line in answer.text.splitlines() if line.startswith("data: "))
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    def titles(self) -> list[str]:
        """The titles of the person's tasks."""
        tasks = self.request("GET", "/api/tasks").json()["tasks"]
        return [task["title"] for task in tasks]
