"""A function's properties that the emulator needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """A built function with its properties from the template."""

    name: str
    handler: str
    task_root: Path
    """Folder with the function's code."""
    layers: tuple[Path, ...] = ()
    """Folders of the layers. Later ones override earlier ones."""
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 128
    timeout_seconds: float = 3
    reserved_concurrency: int | None = None
    """Maximum number of concurrent requests; callers above it get a 429."""
    streaming: bool = False
    """Whether the function URL's InvokeMode is RESPONSE_STREAM."""
    routes: tuple[str, ...] = ("/",)
    """Path prefixes of this function's requests; empty if it has no URL."""
    max_concurrency: int = 1
    """Maximum number of concurrent requests in one environment."""
