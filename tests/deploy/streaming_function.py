"""A function that streams, as Lambda runs it: behind an address, until standard input ends.

The one argument is a JSON object with the fields of `FunctionSpec`. The first line of the output is
the address.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from local.emulator import Emulator, FunctionSpec
from tests.support.builds import guarded


async def main(given: dict[str, Any]) -> None:
    """Serve the function."""
    function = FunctionSpec(
        name=given["name"],
        handler=given["handler"],
        task_root=Path(given["task_root"]),
        layers=tuple(Path(layer) for layer in given["layers"]),
        environment=given["environment"],
        memory_mb=given["memory_mb"],
        timeout_seconds=given["timeout_seconds"],
        streaming=True,
    )
    async with Emulator([guarded(function)], log=_log) as emulator:
        print(emulator.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
