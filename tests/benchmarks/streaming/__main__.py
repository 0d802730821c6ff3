"""``python -m tests.benchmarks.streaming``: the streaming runtime against its peers, in one run.

The servers run on one core, their client on the other. The servers take turns, so that a busy
moment of the machine affects all of them.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from tests.benchmarks.cores import processor_seconds, split_cores
from tests.benchmarks.results import Figure, Results, Target, at_most, compare
from tests.benchmarks.streaming.framing import (
    WithH11,
    import_milliseconds,
    microseconds,
    own,
)
from tests.benchmarks.streaming.loads import Load
from tests.benchmarks.streaming.peers import (
    Peer,
    lambda_streaming,
    mangum_buffered,
    uvicorn,
    web_adapter,
)

ROUNDS = int(os.environ.get("ROUNDS", "5"))
_AT_ONCE = 16
_STREAMS = 50
OURS, DIRECT, ADAPTER, BUFFERED = (
    "lambda_streaming",
    "uvicorn, direct",
    "Web Adapter's way",
    "awslambdaric",
)

Start = Callable[[int, int], AbstractAsyncContextManager[Peer]]
PEERS: dict[str, Start] = {
    OURS: lambda_streaming,
    DIRECT: uvicorn,
    ADAPTER: web_adapter,
    BUFFERED: mangum_buffered,
}
STREAMING = (OURS, DIRECT, ADAPTER)

START, MEMORY = "start to first event", "memory"
ADDED = "added to an event"
PROCESSOR = "processor time of an event"
PER_STREAM = f"memory for each of {_STREAMS} streams"
IMPORT, FRAMING = "import beyond asyncio", "HTTP framing of one event"
AT_ONCE, CHUNKS = (
    f"{PROCESSOR}, {_AT_ONCE} at once",
    f"{PROCESSOR} of 50 chunks, {_AT_ONCE} at once",
)

UNITS = {
    START: "ms",
    MEMORY: "MB",
    ADDED: "ms",
    PROCESSOR: "µs",
    AT_ONCE: "µs",
    CHUNKS: "µs",
    PER_STREAM: "KB",
}
TARGETS: dict[tuple[str, str], Target] = {
    (ADDED, DIRECT): at_most(1, "ours"),
    (AT_ONCE, DIRECT): at_most(1.1),
    (CHUNKS, DIRECT): at_most(1.1),
    (AT_ONCE, ADAPTER): at_most(1),
    (CHUNKS, ADAPTER): at_most(1),
    (START, ADAPTER): at_most(1),
    (PER_STREAM, DIRECT): at_most(1024, "ours"),
}

Figures = dict[str, dict[str, list[float]]]
"""The measurements of all rounds, by figure and server."""


def _note(figures: Figures, name: str, server: str, value: float) -> None:
    figures.setdefault(name, {}).setdefault(server, []).append(value)


async def measure(core: int) -> Figures:
    """Measure all servers in turn."""
    figures: Figures = {}
    await _measure_startup(core, figures)
    one = {PROCESSOR: ("/1", 1000)}
    await _measure_rates(core, figures, tuple(PEERS), at_once=1, loads=one)
    loads = {AT_ONCE: ("/1", 3000), CHUNKS: ("/50", 300)}
    await _measure_rates(core, figures, STREAMING, at_once=_AT_ONCE, loads=loads)
    for _ in range(2):
        await _measure_streams(core, figures)
    return figures


async def _measure_startup(core: int, figures: Figures) -> None:
    for number in range(ROUNDS):
        for name, start in sorted(PEERS.items(), reverse=number % 2 == 1):
            async with start(core, 1) as peer:
                _note(figures, START, name, peer.startup * 1e3)
                await peer.run(Load("/1", 200))
                _note(figures, MEMORY, name, peer.processes[0].memory_info().rss / 1e6)


async def _measure_rates(
    core: int,
    figures: Figures,
    names: tuple[str, ...],
    *,
    at_once: int,
    loads: dict[str, tuple[str, int]],
) -> None:
    async with AsyncExitStack() as stack:
        peers = {
            name: await stack.enter_async_context(PEERS[name](core, at_once)) for name in names
        }
        for peer in peers.values():
            await peer.run(Load("/1", 500))
        for number in range(ROUNDS):
            for load_name, (path, count) in loads.items():
                for name, peer in sorted(peers.items(), reverse=number % 2 == 1):
                    before = _processor(peer)
                    load = await peer.run(Load(path, count))
                    used = _processor(peer) - before
                    _note(figures, load_name, name, used / count * 1e6)
                    if at_once == 1:
                        figures.setdefault(ADDED, {}).setdefault(name, []).extend(
                            seconds * 1e3 for seconds in load.first
                        )


async def _measure_streams(core: int, figures: Figures) -> None:
    for name in STREAMING:
        async with PEERS[name](core, _STREAMS) as peer:
            await peer.run(Load("/1", 200))
            before = peer.processes[0].memory_info().rss
            streams = asyncio.create_task(peer.run(Load("/40/0.05", _STREAMS)))
            await asyncio.sleep(1)
            grown = peer.processes[0].memory_info().rss - before
            _note(figures, PER_STREAM, name, grown / _STREAMS / 1e3)
            await streams


def _processor(peer: Peer) -> float:
    return sum(processor_seconds(process.pid) for process in peer.processes)


def results(figures: Figures) -> Results:
    """The figures, compared with each peer's."""
    compared = [
        compare(
            name if peer == DIRECT else f"{name}, beside {peer}",
            UNITS[name],
            servers[OURS],
            servers[peer],
            peer_name=peer,
            target=TARGETS.get((name, peer)),
        )
        for name, servers in figures.items()
        for peer in servers
        if peer != OURS
    ]
    compared += [
        Figure(
            name=IMPORT,
            unit="ms",
            ours=import_milliseconds("lambda_streaming.bootstrap"),
            peer=import_milliseconds("lambda_streaming.bootstrap, h11"),
            peer_name="with h11",
            target=at_most(40, "ours"),
        ),
        Figure(
            name=FRAMING,
            unit="µs",
            ours=microseconds(own),
            peer=microseconds(WithH11()),
            peer_name="by h11",
        ),
    ]
    return Results.of("streaming", "The streaming runtime", compared, rounds=ROUNDS)


def main() -> int:
    """Measure, and save the results. Returns the process's exit status."""
    core = split_cores()
    return results(asyncio.run(measure(core))).finish()


if __name__ == "__main__":
    sys.exit(main())
