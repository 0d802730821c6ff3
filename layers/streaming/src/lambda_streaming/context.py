"""The context of an invocation, from the headers that came with the event."""

import json
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

from lambda_streaming.settings import FunctionSettings

_current: ContextVar["LambdaContext | None"] = ContextVar("lambda_context", default=None)


def current_context() -> "LambdaContext | None":
    """Return the context of the current invocation, or None outside of one.

    It is a context variable: tasks and ``asyncio.to_thread`` inherit it, and concurrent invocations
    do not see each other's.
    """
    return _current.get()


def set_current_context(context: "LambdaContext | None") -> None:
    _current.set(context)


@dataclass(frozen=True, slots=True)
class CognitoIdentity:
    """The caller's identity, if the call was signed in through an Amazon Cognito identity pool."""

    cognito_identity_id: str | None
    cognito_identity_pool_id: str | None

    @classmethod
    def from_json(cls, text: str) -> Self:
        identity = _json_object(text)
        return cls(identity.get("cognitoIdentityId"), identity.get("cognitoIdentityPoolId"))


@dataclass(frozen=True, slots=True)
class MobileClient:
    """The mobile application that called through the AWS Mobile SDK."""

    installation_id: str | None
    app_title: str | None
    app_version_name: str | None
    app_version_code: str | None
    app_package_name: str | None


@dataclass(frozen=True, slots=True)
class ClientContext:
    """The client context that the invoker passed."""

    client: MobileClient | None
    custom: Any
    env: Any

    @classmethod
    def from_json(cls, text: str) -> Self:
        context = _json_object(text)
        client = context.get("client")
        if isinstance(client, dict):
            names = MobileClient.__dataclass_fields__
            mobile_client = MobileClient(**{name: client.get(name) for name in names})
        else:
            mobile_client = None
        return cls(mobile_client, context.get("custom"), context.get("env"))


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The managed runtime's ``context`` object, with the trace id in addition.

    Available as ``scope["aws.context"]``.
    """

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    """When Lambda ends the invocation: milliseconds since the epoch."""
    trace_id: str | None
    """X-Ray's tracing header."""
    tenant_id: str | None
    identity: CognitoIdentity | None
    client_context: ClientContext | None
    function_name: str
    function_version: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], function: FunctionSettings) -> Self:
        """Create a context from the headers of ``/next``, whose names are in lower case.

        Raises ``KeyError`` or ``ValueError`` if a header is missing or malformed.
        """
        identity = headers.get("lambda-runtime-cognito-identity")
        client_context = headers.get("lambda-runtime-client-context")
        return cls(
            aws_request_id=headers["lambda-runtime-aws-request-id"],
            invoked_function_arn=headers.get("lambda-runtime-invoked-function-arn", ""),
            deadline_ms=int(headers["lambda-runtime-deadline-ms"]),
            trace_id=headers.get("lambda-runtime-trace-id"),
            tenant_id=headers.get("lambda-runtime-aws-tenant-id"),
            identity=CognitoIdentity.from_json(identity) if identity else None,
            client_context=ClientContext.from_json(client_context) if client_context else None,
            function_name=function.name,
            function_version=function.version,
            memory_limit_in_mb=function.memory_limit_in_mb,
            log_group_name=function.log_group_name,
            log_stream_name=function.log_stream_name,
        )

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation, at least 0."""
        return max(0, self.deadline_ms - int(time.time() * 1000))


def _json_object(text: str) -> dict[str, Any]:
    """Return the object, or an empty one: an invoker's bad input must not end the process."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
