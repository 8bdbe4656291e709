"""`POST /ingest` per second and its p99 at 32 clients, beside a minimal handler that inserts one row and enqueues the usual way.

Both are asked by the same clients, in turns, on the same servers. Claims: at least 0.8 of the minimal handler's rate; p99 under
1 s while Redis hangs.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from queued import process, servers, wait_for

from novel_core import services

CLIENTS = 32
REQUESTS = 1500
ROUNDS = 3
WARM = 200
_numbers = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(environment: dict[str, str], *command: str) -> Iterator[str]:
    port = int(environment["PORT"])
    with process(*command, environment=environment):
        wait_for(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}/ingest"


async def load(url: str, count: int) -> tuple[float, list[float]]:
    """Requests per second, and the seconds each took."""
    taken: list[float] = []
    left = iter(range(count))

    async def client(session: aiohttp.ClientSession) -> None:
        for _ in left:
            body = {"url": f"https://www.royalroad.com/fiction/{next(_numbers)}"}
            started = time.perf_counter()
            async with session.post(url, json=body) as answer:
                if answer.status != 202:
                    raise SystemExit(f"{url} answered {answer.status}: {await answer.text()}")
                await answer.read()
            taken.append(time.perf_counter() - started)

    connector = aiohttp.TCPConnector(limit=CLIENTS)
    async with aiohttp.ClientSession(connector=connector) as session:
        started = time.perf_counter()
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
        return count / (time.perf_counter() - started), taken


def p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99) - 1] * 1000


def measure(url: str) -> tuple[float, float]:
    rate, taken = asyncio.run(load(url, REQUESTS))
    return rate, p99(taken)


def valkey_pid(folder: str) -> int:
    pids = [s.pid for s in services.status(Path(folder)).servers if s.name == "valkey" and s.pid]
    return pids[0]


def main() -> None:
    print(f"submit: POST /ingest, {CLIENTS} clients, {ROUNDS} rounds of {REQUESTS} requests")
    with servers() as base:
        base |= {"NOVEL_API_RATE_LIMIT": "100000000"}
        ours_at = base | {"PORT": str(free_port())}
        minimal_at = base | {"PORT": str(free_port())}
        script = str(Path(__file__).with_name("minimal_api.py"))
        with (
            serving(ours_at, "-m", "novel_api", "--port", ours_at["PORT"]) as ours,
            serving(minimal_at, script) as minimal,
        ):
            for url in (ours, minimal):
                asyncio.run(load(url, WARM))
            pairs = [(measure(minimal), measure(ours)) for _ in range(ROUNDS)]
            ratios = [mine[0] / theirs[0] for theirs, mine in pairs]
            for (theirs, mine), ratio in zip(pairs, ratios, strict=True):
                print(
                    f"  minimal {theirs[0]:5.0f}/s, p99 {theirs[1]:4.0f} ms;"
                    f" ours {mine[0]:5.0f}/s, p99 {mine[1]:4.0f} ms; ratio {ratio:.2f}",
                    flush=True,
                )
            print(f"  ratio, median     : {statistics.median(ratios):.2f} (claim: at least 0.80)")
            pid = valkey_pid(base["NOVEL_DATA_DIR"])
            os.kill(pid, signal.SIGSTOP)
            try:
                rate, slowest = measure(ours)
            finally:
                os.kill(pid, signal.SIGCONT)
            print(
                f"  while Redis hangs : {rate:.0f}/s, p99 {slowest:.0f} ms (claim: under 1000 ms)"
            )


if __name__ == "__main__":
    main()
