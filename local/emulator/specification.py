"""What the emulator needs to know of a function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """A function as the template describes it and the build left it."""

    name: str
    handler: str
    task_root: Path
    """Folder with the function's code."""
    layers: tuple[Path, ...] = ()
    """Folders of the layers; a later one overrides an earlier one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 128
    timeout_seconds: float = 3
    reserved_concurrency: int | None = None
    """Requests in progress at once, above which callers get 429."""
    streaming: bool = False
    """Whether the function URL's InvokeMode is RESPONSE_STREAM."""
    routes: tuple[str, ...] = ("/",)
    """Paths below which requests go to this function; none if it has no URL."""
    max_concurrency: int = 1
    """Requests that one environment serves at once."""
