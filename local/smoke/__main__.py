"""Runs all checks: `python -m local.smoke URL TOKEN [CHAT_URL [MCP_URL]]`."""

import sys

import httpx2

from local.smoke.chat import chat_request, check_chat
from local.smoke.checks import UNAUTHENTICATED, SmokeError, check, client_of, document
from local.smoke.mcp import check_mcp


def main(url: str, token: str, chat_url: str = "", mcp_url: str = "") -> None:
    """Run all checks against the endpoint. Raises `SmokeError` at the first failure.

    A stack without CloudFront has three addresses; `chat_url` and `mcp_url` are then needed, too.
    """
    with (
        client_of(url) as http,
        client_of(chat_url or url) as chat,
        client_of(mcp_url or url) as mcp,
    ):
        check("the service is ready", http.get("/readyz"))
        refused = chat.post("/api/chatkit", json=chat_request("threads.list", {}))
        check("a request without a token is refused", refused, UNAUTHENTICATED)
        http.headers["Authorization"] = chat.headers["Authorization"] = f"Bearer {token}"
        session = http.get("/api/session")
        check("the token is accepted", session)
        told = document(session, "user", "model")
        print(f"    {told['user']['id']}, answered by {told['model']}")
        check_chat(http, chat)
        check_mcp(mcp, token)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (SmokeError, httpx2.TransportError, httpx2.InvalidURL) as error:
        raise SystemExit(f"  ✗ {error}") from None
