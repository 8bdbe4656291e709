"""Cold start of the commands people wait for, beside Python's own start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from common import FICTION, URL, library, site

RUNS = 7


def seconds(*command: str, environment: dict[str, str] | None = None) -> float:
    """The median of some runs."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, env=environment, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def first_request() -> float:
    """From `novel ingest` to the moment the site gets its first request, servers running."""
    script = str(Path(sys.executable).with_name("novel"))
    with site("--fictions", "1", "--chapters", "1") as served, library(served) as environment:
        subprocess.run([script, "novels"], env=environment, capture_output=True, check=True)
        times = []
        for _ in range(RUNS):
            started = time.time()
            subprocess.run(
                [script, "ingest", URL], env=environment, capture_output=True, check=True
            )
            times.append(_last_request(served.url, started) - started)
    return statistics.median(times)


def _last_request(url: str, since: float) -> float:
    """When the fiction's page was asked for, by the site's clock (the same machine's)."""
    import json
    import urllib.request

    request = urllib.request.Request(
        f"{url}/_control",
        data=json.dumps({"command": "requests"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        seen = json.load(response)["requests"]
    return float(min(entry["time"] for entry in seen if entry["time"] >= since))


def main() -> None:
    script = str(Path(sys.executable).with_name("novel"))
    python = seconds(sys.executable, "-c", "pass")
    print(f"startup: median of {RUNS}, and how many times Python's own start ({python:.2f} s)")
    for name, taken in {
        "novel --help": seconds(script, "--help"),
        "novel sources": seconds(script, "sources", environment=dict(os.environ)),
        f"novel ingest, first request (fiction {FICTION})": first_request(),
    }.items():
        print(f"  {name:<44}: {taken:.2f} s  {taken / python:5.1f}")


if __name__ == "__main__":
    main()
