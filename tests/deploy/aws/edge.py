"""CloudFront's origin access control for function URLs, which the emulator lacks.

CloudFront signs the request to the URL, so its signature takes the place of the viewer's
`Authorization`. It does not read the body: the viewer tells its hash, or Lambda refuses it. Both
permissions of the function's alias must name the distribution.
"""

import hashlib
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id
from ministack.services import cloudfront, lambda_svc

from tests.deploy.aws.streaming import StreamingFunctions

_distribution: ContextVar[str] = ContextVar("distribution", default="")
_ACTIONS = {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
_SIGNED = "AWS4-HMAC-SHA256 Credential=CLOUDFRONT"


def sign_requests_to_function_urls() -> None:
    """Have distributions sign as their origin access control says."""
    from_origin = cloudfront._fetch_from_origin
    from_url = cloudfront._fetch_from_function_url_origin
    streaming = StreamingFunctions()

    async def fetch_from_origin(*arguments: Any) -> Any:
        _distribution.set(arguments[-1])
        return await from_origin(*arguments)

    async def fetch_from_function_url(
        host: str,
        origin: dict[str, Any],
        method: str,
        uri: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
        *connection: Any,
    ) -> Any:
        access = cloudfront._oacs.get(origin["oac_id"], {})
        if access.get("OriginAccessControlOriginType") != "lambda":
            return await from_url(host, origin, method, uri, query, headers, body, *connection)
        url_id, path = app._parse_lambda_url(host, uri)
        *function, settings = lambda_svc.resolve_function_url(url_id)
        resolved = (*function, settings)
        if not (_is_permitted(resolved) and _is_hashed(headers, body)):
            return 403, "Forbidden", [("x-amzn-ErrorType", "AccessDeniedException")], b"{}"
        kept = {name: value for name, value in headers.items() if name != "authorization"}
        if settings["InvokeMode"] == "RESPONSE_STREAM":
            target = f"{path}?{query}" if query else path
            return await streaming.request(resolved, method, target, kept, body)
        status, found, data = await lambda_svc.handle_function_url_request(
            url_id,
            method,
            path,
            kept | {"authorization": _SIGNED, "host": host},
            body,
            cloudfront.parse_qs(query, keep_blank_values=True),
            resolved=resolved,
            source_ip="127.0.0.1",
        )
        pairs = [
            (name, value)
            for name, values in found.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return status, "", pairs, data

    cloudfront._fetch_from_origin = fetch_from_origin
    cloudfront._fetch_from_function_url_origin = fetch_from_function_url


def _is_permitted(resolved: tuple[Any, ...]) -> bool:
    _account, region, name, qualifier, _settings = resolved
    arn = f"arn:aws:lambda:{region}:{get_account_id()}:function:{name}:{qualifier}"
    allowed = {
        statement["Action"]
        for statement in lambda_svc._functions[name]["policy"]["Statement"]
        if statement["Resource"] == arn
        and statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        and fnmatchcase(_distribution.get(), statement["Condition"]["ArnLike"]["AWS:SourceArn"])
    }
    return allowed == _ACTIONS


def _is_hashed(headers: dict[str, str], body: bytes) -> bool:
    return not body or headers.get("x-amz-content-sha256") == hashlib.sha256(body).hexdigest()
