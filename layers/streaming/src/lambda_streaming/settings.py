"""The settings that Lambda passes to the runtime as environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """The function's properties, which are the same for every invocation."""

    name: str
    version: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """The runtime's environment variables, read once at startup."""

    handler: str
    runtime_api: str
    """``host:port`` of the Runtime API."""
    function: FunctionSettings
    task_root: str | None
    max_concurrency: int
    snap_start: bool
    buffered: bool
    """Whether the invoker cannot receive a streamed response (``sam local``)."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "RuntimeSettings":
        """Raises ``KeyError`` or ``ValueError``, naming the variable that is missing or wrong."""
        return cls(
            handler=environ["_HANDLER"],
            runtime_api=environ["AWS_LAMBDA_RUNTIME_API"],
            function=FunctionSettings(
                name=environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
                version=environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                memory_limit_in_mb=_number(environ, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 128),
                log_group_name=environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
                log_stream_name=environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
            ),
            task_root=environ.get("LAMBDA_TASK_ROOT"),
            max_concurrency=_number(environ, "AWS_LAMBDA_MAX_CONCURRENCY", 1),
            snap_start=environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start",
            buffered=environ.get("AWS_SAM_LOCAL") == "true",
        )


def _number(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        message = f"{variable} must be a whole number of at least 1, not {text!r}"
        raise ValueError(message)
    return int(text)
