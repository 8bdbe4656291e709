"""Many sources: 1,000 tiny ones installed beside the real ones.

Claims: `novel sources` under 3 s, an address resolved in under 50 microseconds, the API started in under 4 s.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from queued import PATIENCE, process, servers

SOURCES = 1000
TIMES = 3

PLUGIN = """
import re
from novel_core import Parsed, Parser, Sample, SourceInfo, UrlKind, UrlMatch, hookimpl

HOST = "site{number}.example"
NOVEL = re.compile(r"https?://(?:www\\.)?site{number}\\.example/n/([0-9]+)")

class Tiny(Parser):
    def parse(self, page):
        return Parsed()

@hookimpl
def novel_source_info():
    return SourceInfo("tiny{number}", "Tiny {number}", f"https://{{HOST}}", (HOST, f"www.{{HOST}}"))

@hookimpl
def novel_match_url(url):
    found = NOVEL.fullmatch(url)
    return UrlMatch(UrlKind.NOVEL, f"https://{{HOST}}/n/{{found[1]}}", novel_id=found[1]) if found else None

@hookimpl
def novel_parser():
    return Tiny()

@hookimpl
def novel_samples():
    yield Sample(f"https://{{HOST}}/n/1", UrlKind.NOVEL, f"https://{{HOST}}/n/1", novel_id="1")
"""
RESOLVE = """
import random, time
from novel_core.registry import load_registry
started = time.perf_counter()
registry = load_registry()
loaded = time.perf_counter() - started
assert not registry.broken
urls = [f"https://site{random.randrange(1000)}.example/n/{number}" for number in range(20_000)]
started = time.perf_counter()
for url in urls:
    registry.resolve(url)
print(len(registry.loaded), loaded, (time.perf_counter() - started) / len(urls))
"""


def install(folder: Path) -> None:
    for number in range(SOURCES):
        (folder / f"tiny{number}.py").write_text(PLUGIN.format(number=number))
        info = folder / f"novel_tiny{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: novel-tiny{number}\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n"
        )
        (info / "entry_points.txt").write_text(f"[novel.sources]\ntiny{number} = tiny{number}\n")


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds of the fastest of a few runs (the first compiles the plugins), and what it printed."""
    best, out = float("inf"), ""
    for _ in range(TIMES):
        started = time.perf_counter()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        best, out = min(best, time.perf_counter() - started), done.stdout
    return best, out


def api_start(environment: dict[str, str]) -> float:
    """Seconds until the API answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    with process("-m", "novel_api", "--port", str(port), environment=environment):
        while time.perf_counter() - started < PATIENCE:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.01)
            finally:
                connection.close()
    raise SystemExit("the API does not start")


def main() -> None:
    print(f"registry: {SOURCES} sources of one host each, beside the real ones")
    with tempfile.TemporaryDirectory(prefix="novel-bench-") as folder, servers() as base:
        install(Path(folder))
        environment = base | {"PYTHONPATH": folder}
        novel = str(Path(sys.executable).with_name("novel"))
        few, _ = timed([novel, "sources"], base)
        many, _ = timed([novel, "sources"], environment)
        print(f"  novel sources : {many:5.2f} s, without them {few:.2f} s (claim: under 3)")
        _, told = timed([sys.executable, "-c", RESOLVE], environment)
        count, loaded, each = told.split()
        print(f"  loading       : {float(loaded):5.2f} s for {count} sources")
        print(f"  resolving     : {float(each) * 1e6:5.1f} us (claim: under 50)")
        start = min(api_start(environment) for _ in range(TIMES))
        bare = min(api_start(base) for _ in range(TIMES))
        print(f"  API start     : {start:5.2f} s, without them {bare:.2f} s (claim: under 4)")


if __name__ == "__main__":
    main()
