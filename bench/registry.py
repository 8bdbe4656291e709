"""Many sources: 1,000 packages with a source each, and one family with 1,000 sites, beside the real ones.

Claims: a URL resolved in under 50 microseconds, `novel sources` in at most 15 times `novel --help`, the API started in at most 3 times
its time without them.
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

COUNT = 1000
TIMES = 3

SOURCE = """
from novel_core import Parsed, Parser, Sample, Source, SourceInfo, UrlKind, UrlMatch, hookimpl

HOST = "source{number}.example"
ROOT = f"https://{{HOST}}/n/"

class TinyParser(Parser):
    def parse(self, page):
        return Parsed()

class Tiny(Source):
    info = SourceInfo("tiny{number}", "Tiny {number}", f"https://{{HOST}}", (HOST, f"www.{{HOST}}"))
    samples = (Sample(f"{{ROOT}}1", UrlKind.NOVEL, f"{{ROOT}}1", novel_id="1"),)

    def match(self, url):
        number = url.rpartition("/")[2]
        return UrlMatch(UrlKind.NOVEL, f"{{ROOT}}{{number}}", novel_id=number)

    def parser(self):
        return TinyParser()

@hookimpl
def novel_sources():
    return [Tiny()]
"""
FAMILY = """
from pathlib import Path
from novel_core import Family, Source, UrlKind, UrlMatch, hookimpl, read_sites

class Board(Source):
    def __init__(self, site):
        self.info, self.site = site.source_info(), site

    def match(self, url):
        number = url.rpartition("/")[2]
        return UrlMatch(UrlKind.NOVEL, f"{self.site.base_url}/n/{number}", novel_id=number)

    def parser(self):
        raise NotImplementedError

class Boards(Family):
    name, title = "boards", "Boards"
    host_patterns = ("*.hosted.example",)
    sites = read_sites(Path(__file__).with_name("boards.toml").read_text())

    def recognise(self, page):
        return None

    def source(self, site):
        return Board(site)

@hookimpl
def novel_sources():
    return [Boards()]
"""
SITES = """
[[sites]]
base_url = "https://board{number}.example/forum"
title = "Board {number}"
language = "en"
time_zone = "Europe/Paris"
"""
#: Prints the seconds of loading, of a URL of each kind, and of a dict lookup.
RESOLVE = """
import random, time
from novel_core.registry import load_registry
started = time.perf_counter()
registry = load_registry()
loaded = time.perf_counter() - started
assert not registry.broken, registry.broken

def each(urls, call):
    # Of the processor: others may use this machine.
    started = time.process_time()
    for url in urls:
        call(url)
    return (time.process_time() - started) / len(urls)

def urls(root):
    return [root.format(random.randrange(1000)) + str(number) for number in range(20_000)]

sources, sites = urls("https://source{}.example/n/"), urls("https://board{}.example/forum/n/")
hosted = urls("https://blog{}.hosted.example/n/")
first = each([f"https://board{number}.example/forum/n/1" for number in range(1000)], registry.resolve)
table = dict.fromkeys(sources)
print(loaded, each(sources, registry.resolve), first, each(sites, registry.resolve), each(hosted, registry.resolve), each(sources, table.get))
"""


def install(folder: Path) -> None:
    for number in range(COUNT):
        distribute(folder, f"tiny{number}", SOURCE.format(number=number))
    distribute(folder, "boards", FAMILY)
    sites = "".join(SITES.format(number=number) for number in range(COUNT))
    (folder / "boards.toml").write_text(f'family = "boards"\n{sites}')


def distribute(folder: Path, name: str, code: str) -> None:
    """A module, and the metadata of a distribution that has it."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"novel_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: novel-{name}\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n"
    )
    (info / "entry_points.txt").write_text(f"[novel.sources]\n{name} = {name}\n")


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
    print(f"registry: {COUNT} sources and a family of {COUNT} sites, beside the real ones")
    with tempfile.TemporaryDirectory(prefix="novel-bench-") as folder, servers() as base:
        install(Path(folder))
        # As it is for users: plugins are compiled once.
        base.pop("PYTHONDONTWRITEBYTECODE", None)
        environment = base | {"PYTHONPATH": folder}
        novel = str(Path(sys.executable).with_name("novel"))
        plain = timed([novel, "--help"], environment)[0]
        few = timed([novel, "sources"], base)[0]
        many = timed([novel, "sources"], environment)[0]
        print(
            f"  novel sources : {many:5.2f} s, {many / plain:.1f} times novel --help (claim: at most 15);"
            f" without them {few:.2f} s"
        )
        told = timed([sys.executable, "-c", RESOLVE], environment)[1]
        loaded, source, first, site, hosted, lookup = map(float, told.split())
        print(f"  loading       : {loaded:5.2f} s")
        for what, each in (
            ("a source's URL", source),
            ("a site's URL", site),
            ("a hosted site's", hosted),
            ("a site's first", first),
        ):
            claim = " (claim: under 50)" if each is not first else ", which makes its source"
            print(
                f"  {what}: {each * 1e6:5.1f} us, {each / lookup:,.0f} times a dict lookup{claim}"
            )
        start = min(api_start(environment) for _ in range(TIMES))
        bare = min(api_start(base) for _ in range(TIMES))
        print(
            f"  API start     : {start:5.2f} s, {start / bare:.1f} times without them ({bare:.2f} s)"
            " (claim: at most 3)"
        )


if __name__ == "__main__":
    main()
