"""Checks that MCP clients get the tools with a token, and without one learn where to get it."""

import re
from typing import Any

import httpx2

from local.smoke.checks import UNAUTHENTICATED, check, document, say

_PATH = "/mcp"
_LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
_ACCEPT = {"Accept": "application/json, text/event-stream"}
# Function URLs and API Gateway may rename the header to the second name. Clients then try the
# well-known address, as MCP's specification says, so that must exist in any case.
_CHALLENGES = ("www-authenticate", "x-amzn-remapped-www-authenticate")


def check_mcp(http: httpx2.Client, token: str) -> None:
    """Raises `SmokeError` at the first check that fails. `http` itself sends no token."""
    refused = http.post(_PATH, json=_LIST_TOOLS, headers=_ACCEPT)
    check("an MCP client without a token is refused", refused, UNAUTHENTICATED)
    metadata = http.get(_named_address(refused))
    resource = document(metadata, "resource")["resource"]
    wrong = "" if resource.endswith(_PATH) else f"they are of {resource!r}, not of {_PATH}"
    say("the refusal leads to the metadata of the tools", wrong)
    signed = _ACCEPT | {"Authorization": f"Bearer {token}"}
    listed = http.post(_PATH, json=_LIST_TOOLS, headers=signed)
    check("an MCP client with the token is answered", listed)
    tools = _names(document(listed, "result")["result"])
    say("the tools are listed", "" if tools else "there are none")
    print(f"    {', '.join(tools)}")


def _named_address(refused: httpx2.Response) -> str:
    """Return the path of the metadata, without the host, which may be internal to AWS."""
    challenge = next((refused.headers[name] for name in _CHALLENGES if name in refused.headers), "")
    found = re.search(r'resource_metadata="https?://[^/"]+(/[^"]*)"', challenge)
    wrong = "" if found else f"WWW-Authenticate is {challenge!r}, without resource_metadata"
    say("the refusal names the metadata", wrong)
    assert found is not None
    return found[1]


def _names(result: dict[str, Any]) -> list[str]:
    return [tool["name"] for tool in result.get("tools", [])]
