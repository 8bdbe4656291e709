"""1,000 chapter pages of about 16 KB: the whole path beside a bare Scrapy spider that only downloads the same pages.

Both run against one look-alike in another process, with politeness off and the same concurrency. Prints pages per second, CPU per
page (PostgreSQL told apart), and the ratio; then the whole path again with 100 ms of latency for each response. The start of
the processes is in neither figure: see `startup.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from common import CONCURRENCY, URL, Site, library, novel, postgres_cpu, site

CHAPTERS = 1000
OPTIONS = ("--fictions", "1", "--chapters", str(CHAPTERS), "--chapter-bytes", "16000", "--fast")


def chapter_urls(served: Site) -> list[str]:
    """The pages to download, at the look-alike's own address."""
    with urllib.request.urlopen(f"{served.url}/fiction/1") as response:
        page = response.read().decode()
    start = page.index("window.chapters = ") + len("window.chapters = ")
    chapters, _ = json.JSONDecoder().raw_decode(page[start:])
    return [served.url + chapter["url"] for chapter in chapters]


def bare(urls: list[str]) -> dict[str, Any]:
    script = Path(__file__).with_name("bare_spider.py")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(urls))
        listed.flush()
        done = subprocess.run(
            [sys.executable, script, listed.name, str(CONCURRENCY)],
            capture_output=True,
            text=True,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["pages"] == CHAPTERS
    return result


def whole(served: Site, *, chapters: int = CHAPTERS, **settings: str) -> dict[str, Any]:
    script = Path(__file__).with_name("whole_path.py")
    with library(served) as made:
        environment = made | settings
        novel("novels", environment=environment)  # the schema is made before the clock starts
        before = postgres_cpu(environment["NOVEL_DATA_DIR"])
        done = subprocess.run(
            [sys.executable, script, URL],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        result["postgres_cpu"] = postgres_cpu(environment["NOVEL_DATA_DIR"]) - before
    assert result["new"] == chapters
    return result


def main() -> None:
    started = time.perf_counter()
    with site(*OPTIONS) as served:
        urls = chapter_urls(served)
        with urllib.request.urlopen(urls[0]) as response:
            size = len(response.read())
        download = bare(urls)
        path = whole(served)
    bare_rate = CHAPTERS / download["seconds"]
    rate = CHAPTERS / path["seconds"]
    print(f"ingest: {CHAPTERS} chapter pages of {size / 1000:.1f} KB, concurrency {CONCURRENCY}")
    print(f"  bare spider : {bare_rate:6.0f} pages/s  {download['cpu']:.2f} CPU ms/page")
    print(
        f"  whole path  : {rate:6.0f} pages/s  {path['cpu']:.2f} CPU ms/page,"
        f" and PostgreSQL {path['postgres_cpu']:.2f}; {path['statements'] / CHAPTERS:.2f} statements/page"
    )
    print(
        f"  ratio       : {rate / bare_rate:.2f} of the bare spider's pages/s (claim: at least 0.3; wanted: 0.5),"
        f" {path['cpu'] / download['cpu']:.2f} of its CPU (claim: at most 2.6; wanted: 2.0)"
    )
    with site(*OPTIONS, "--latency", "0.1") as served:
        slow = whole(served)
    print(f"  100 ms each : {CHAPTERS / slow['seconds']:6.0f} pages/s (claim: at least 150)")
    print(f"  ({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
