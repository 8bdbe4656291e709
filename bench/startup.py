"""Cold start of the commands people wait for, beside what the libraries alone take.

Claims: `novel ingest` sends its first request, servers running, within 1.6 times what
`python -c 'import scrapy, aiohttp'` takes; `novel ingest --help` within 1.5 times `novel --help`.
The commands take turns, so that other work on the machine slows all of them. Then the share of each
library in the way to the first request, by `python -X importtime`, which itself takes time.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from common import URL, library, site

RUNS = int(os.environ.get("BENCH_RUNS", "9"))
SCRIPT = str(Path(sys.executable).with_name("novel"))
#: What no reordering of imports can save: the tables and settings, from the same process.
FLOOR = "the libraries, tables and settings"
#: What a module's time is counted for: the nearest of these that has imported it.
LIBRARIES = ("scrapy", "aiohttp", "sqlalchemy", "psycopg2", "pydantic", "redis", "rich", "click")
OWN = ("novel_core", "novel_royalroad", "novel_ao3", "novel_wordpress", "novel_xenforo")
_LINE = re.compile(r"import time: +([0-9]+) \| +[0-9]+ \|( +)(\S+)")


def seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started


def first_request(site_url: str, environment: dict[str, str]) -> float:
    """From `novel ingest` to the moment the site gets its first request."""
    started = time.time()
    seconds([SCRIPT, "ingest", URL], environment)
    return _asked_at(site_url, started) - started


def _asked_at(site_url: str, since: float) -> float:
    """When the first page was asked for, by the site's clock (the same machine's)."""
    request = urllib.request.Request(
        f"{site_url}/_control",
        data=json.dumps({"command": "requests"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        seen = json.load(response)["requests"]
    return float(min(entry["time"] for entry in seen if entry["time"] >= since))


def interleaved(commands: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """The times of each command; the first round, which also writes the bytecode, is left out."""
    rounds = [{name: run() for name, run in commands.items()} for _ in range(RUNS + 1)]
    return {name: [one[name] for one in rounds[1:]] for name in commands}


def imports(site_url: str, environment: dict[str, str]) -> Counter[str]:
    """Milliseconds that modules took before the first request, by the library that imports them."""
    started = time.time()
    lines: list[tuple[float, str]] = []
    command = [sys.executable, "-X", "importtime", SCRIPT, "ingest", URL]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines.extend((time.time(), line) for line in process.stderr)
    sent = _asked_at(site_url, started)
    taken: Counter[str] = Counter()
    importers: list[tuple[int, str]] = []
    # A module's line follows those of the modules that it imports, which are indented more.
    for _, line in reversed([entry for entry in lines if entry[0] <= sent]):
        if (found := _LINE.match(line)) is None:
            continue
        depth, name = len(found[2]), found[3].partition(".")[0]
        while importers and importers[-1][0] >= depth:
            importers.pop()
        owner = importers[-1][1] if importers else "Python's own"
        if name in LIBRARIES:
            owner = name
        elif name in OWN:
            owner = "our own modules"
        elif owner == "our own modules":
            owner = "other libraries"
        importers.append((depth, owner))
        taken[owner] += int(found[1])
    taken["all of it, by the clock"] = round((sent - started) * 1e6)
    return taken


def steps(environment: dict[str, str]) -> dict[str, float]:
    """Seconds of what `novel ingest` does once everything is imported, before the crawl."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("startup_steps.py")), URL],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    with site("--fictions", "1", "--chapters", "1") as served, library(served) as library_of:
        environment = {
            name: value for name, value in library_of.items() if name != "PYTHONDONTWRITEBYTECODE"
        }
        imported = "import scrapy, aiohttp"
        libraries = f"python -c '{imported}'"
        with_storage = "import gc; gc.disable(); import scrapy, aiohttp, novel_core.db.tables, novel_core.settings"
        times = interleaved(
            {
                "python -c pass": lambda: seconds([sys.executable, "-c", "pass"], environment),
                libraries: lambda: seconds([sys.executable, "-c", imported], environment),
                FLOOR: lambda: seconds([sys.executable, "-c", with_storage], environment),
                "novel --help": lambda: seconds([SCRIPT, "--help"], environment),
                "novel ingest --help": lambda: seconds([SCRIPT, "ingest", "--help"], environment),
                "novel sources": lambda: seconds([SCRIPT, "sources"], environment),
                "novel ingest, first request": lambda: first_request(served.url, environment),
            }
        )
        shares = [imports(served.url, environment) for _ in range(3)]
        done = steps(environment)
    print(f"startup: {RUNS} rounds, median and best in milliseconds")
    for name, taken in times.items():
        print(f"  {name:<36}: {statistics.median(taken) * 1000:6.0f} {min(taken) * 1000:6.0f}")
    for name, base, limit in (
        (FLOOR, libraries, 0.0),
        ("novel ingest, first request", libraries, 1.6),
        ("novel ingest --help", "novel --help", 1.5),
    ):
        ratio = statistics.median(a / b for a, b in zip(times[name], times[base], strict=True))
        best = min(times[name]) / min(times[base])
        claim = f"; claim {limit}" if limit else ""
        print(f"{name}: {ratio:.2f} times {base} ({best:.2f} by the best{claim})")
    print("on the way to the first request, milliseconds by -X importtime, best of 3")
    for name in sorted(set().union(*shares), key=lambda one: shares[0][one]):
        print(f"  {name:<36}: {min(share[name] for share in shares) / 1000:6.0f}")
    print("what is left, milliseconds")
    for name, taken_by in done.items():
        print(f"  {name:<36}: {taken_by * 1000:6.0f}")


if __name__ == "__main__":
    main()
