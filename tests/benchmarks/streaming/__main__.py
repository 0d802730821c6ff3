"""``python -m tests.benchmarks.streaming``: the streaming runtime against its peers, in one run.

Each server has one core to itself, what asks has the other. Rounds of the peers alternate, so that
a busy moment of the machine meets all of them; the best round of each counts.
"""

import asyncio
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.streaming.framing import (
    WithH11,
    import_milliseconds,
    microseconds,
    own,
)
from tests.benchmarks.streaming.loads import Load
from tests.benchmarks.streaming.peers import Peer, lambda_streaming, mangum_buffered, uvicorn

_ROUNDS = 5
_AT_ONCE = 16
_STREAMS = 50
_ONE = "1 at once"

Start = Callable[[int, int], AbstractAsyncContextManager[Peer]]
PEERS: dict[str, Start] = {
    "lambda_streaming": lambda_streaming,
    "uvicorn (direct)": uvicorn,
    "Mangum (buffered)": mangum_buffered,
}


@dataclass
class Figures:
    """What was measured of one peer."""

    startups: list[float] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    """Microseconds of processor time for one event."""
    latencies: list[float] = field(default_factory=list)
    memory: float = 0.0
    per_stream: float | None = None

    def note(self, name: str, load: Load, cpu_seconds: float) -> None:
        self.rates[name] = max(self.rates.get(name, 0.0), load.per_second)
        cpu = cpu_seconds / load.count * 1e6
        self.cpu[name] = min(self.cpu.get(name, cpu), cpu)


async def measure(core: int) -> dict[str, Figures]:
    figures = {name: Figures() for name in PEERS}
    await _measure_startup(core, figures)
    await _measure_rates(core, figures, at_once=1, loads={_ONE: ("/1", 1500)})
    streaming = {name: figures[name] for name in ("lambda_streaming", "uvicorn (direct)")}
    loads = {f"{_AT_ONCE} at once": ("/1", 4000), "of 50 chunks": ("/50", 400)}
    await _measure_rates(core, streaming, at_once=_AT_ONCE, loads=loads)
    await _measure_streams(core, streaming)
    return figures


async def _measure_startup(core: int, figures: dict[str, Figures]) -> None:
    for _ in range(_ROUNDS):
        for name, figure in figures.items():
            async with PEERS[name](core, 1) as peer:
                figure.startups.append(peer.startup)
                await peer.run(Load("/1", 200))
                figure.memory = peer.process.memory_info().rss / 2**20


async def _measure_rates(
    core: int,
    figures: dict[str, Figures],
    *,
    at_once: int,
    loads: dict[str, tuple[str, int]],
) -> None:
    async with AsyncExitStack() as stack:
        peers = {
            name: await stack.enter_async_context(PEERS[name](core, at_once)) for name in figures
        }
        for peer in peers.values():
            await peer.run(Load("/1", 500))
        for _ in range(_ROUNDS):
            for load_name, (path, count) in loads.items():
                for name, peer in peers.items():
                    before = _cpu(peer)
                    load = await peer.run(Load(path, count))
                    figures[name].note(load_name, load, _cpu(peer) - before)
                    if at_once == 1:
                        figures[name].latencies += load.first


async def _measure_streams(core: int, figures: dict[str, Figures]) -> None:
    for name, figure in figures.items():
        async with PEERS[name](core, _STREAMS) as peer:
            await peer.run(Load("/1", 200))
            before = peer.process.memory_info().rss
            streams = asyncio.create_task(peer.run(Load("/40/0.05", _STREAMS)))
            await asyncio.sleep(1)
            figure.per_stream = (peer.process.memory_info().rss - before) / _STREAMS / 1024
            await streams


def _cpu(peer: Peer) -> float:
    """Seconds that the threads of the peer have run, by the scheduler's count of nanoseconds."""
    threads = Path(f"/proc/{peer.process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def report(figures: dict[str, Figures]) -> bool:
    """Print what was measured; returns whether the targets are met."""
    packages = ("lambda-streaming", "uvicorn", "h11", "mangum", "awslambdaric")
    print(f"\n{_processor()}, CPython {platform.python_version()}, one core for each server")
    print(", ".join(f"{package} {version(package)}" for package in packages), "\n")
    ours, direct = figures["lambda_streaming"], figures["uvicorn (direct)"]
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        (
            "start to first event, ms (median)",
            lambda f: f"{statistics.median(f.startups) * 1e3:.0f}",
        ),
        ("memory, MB", lambda f: f"{f.memory:.1f}"),
        ("added to an event, ms (median)", lambda f: f"{statistics.median(f.latencies) * 1e3:.3f}"),
        ("added to an event, ms (p99)", lambda f: f"{_p99(f.latencies) * 1e3:.3f}"),
    ]
    for name in ours.rates:
        rows.append((f"events/s, {name}", _getter("rates", name)))
        rows.append((f"CPU µs/event, {name}", _getter("cpu", name)))
    rows.append((f"KB for each of {_STREAMS} streams", lambda f: _number(f.per_stream)))
    print(f"{'':34}" + "".join(f"{name:>20}" for name in figures))
    for title, cell in rows:
        print(f"{title:34}" + "".join(f"{cell(figure):>20}" for figure in figures.values()))
    # By processor time, which a busy machine does not take from one peer and give to another. One
    # at a time says little of a server: two round trips with a client that waits for each.
    targets = {
        f"{direct.cpu[name] / cpu:.2f} of uvicorn's events on a core, {name} (target 0.9)": (
            direct.cpu[name] >= 0.9 * cpu
        )
        for name, cpu in ours.cpu.items()
        if name != _ONE
    }
    median = statistics.median(ours.latencies) * 1e3
    targets[f"{median:.2f} ms added at the median (target 1)"] = median <= 1
    per_stream = ours.per_stream or 0.0
    targets[f"{per_stream:.0f} KB for each stream (target 1024)"] = per_stream < 1024
    added = import_milliseconds("lambda_streaming.bootstrap")
    targets[f"{added:.0f} ms of import beyond asyncio (target 40)"] = added < 40
    with_h11 = import_milliseconds("lambda_streaming.bootstrap, h11")
    print(
        f"\nHTTP framing of one event: {microseconds(own):.0f} µs; "
        f"by h11 it would be {microseconds(WithH11()):.0f} µs, and the import {with_h11:.0f} ms"
    )
    print()
    for target, met in targets.items():
        print(f"{'met   ' if met else 'MISSED'}  {target}")
    return all(targets.values())


def _getter(attribute: str, name: str) -> Callable[[Figures], str]:
    def get(figures: Figures) -> str:
        values: dict[str, float] = getattr(figures, attribute)
        return _number(values.get(name))

    return get


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _processor() -> str:
    output = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    names = [line.split(":")[1].strip() for line in output.splitlines() if "Model name" in line]
    return names[0] if names else platform.machine()


def main() -> int:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    return 0 if report(asyncio.run(measure(cores[-1]))) else 1


if __name__ == "__main__":
    sys.exit(main())
