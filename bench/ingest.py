"""1,000 chapters of about 16 KB: the whole path beside a bare Scrapy spider that only downloads the same pages.

Both run against one look-alike in another process, with politeness off and the same concurrency. Prints pages per second, CPU per
page (PostgreSQL told apart), and the ratio; then the whole path again with 100 ms of latency for each response.
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

from common import CONCURRENCY, URL, Measured, Site, library, novel, site

CHAPTERS = 1000
OPTIONS = ("--fictions", "1", "--chapters", str(CHAPTERS), "--chapter-bytes", "16000", "--fast")


def chapter_urls(served: Site) -> list[str]:
    """The pages to download, at the look-alike's own address."""
    with urllib.request.urlopen(f"{served.url}/fiction/1") as response:
        page = response.read().decode()
    start = page.index("window.chapters = ") + len("window.chapters = ")
    chapters, _ = json.JSONDecoder().raw_decode(page[start:])
    return [served.url + chapter["url"] for chapter in chapters]


def bare(served: Site) -> dict[str, Any]:
    script = Path(__file__).with_name("bare_spider.py")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as urls:
        urls.write("\n".join(chapter_urls(served)))
        urls.flush()
        done = subprocess.run(
            [sys.executable, script, urls.name, str(CONCURRENCY)],
            capture_output=True,
            text=True,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["pages"] == CHAPTERS
    return result


def whole(served: Site) -> Measured:
    with library(served) as environment:
        novel("novels", environment=environment)  # the schema is made before the clock starts
        measured = novel("ingest", URL, environment=environment)
    assert measured.output["chapters"]["new"] == CHAPTERS
    return measured


def main() -> None:
    with site(*OPTIONS) as served:
        started = time.perf_counter()
        download = bare(served)
        path = whole(served)
        bare_rate = CHAPTERS / download["seconds"]
        rate = CHAPTERS / path.seconds
        print(f"ingest: {CHAPTERS} chapters, concurrency {CONCURRENCY}")
        print(f"  bare spider : {bare_rate:6.0f} pages/s  {download['cpu']:.2f} CPU ms/page")
        print(
            f"  whole path  : {rate:6.0f} pages/s  {path.cpu:.2f} CPU ms/page"
            f"  + PostgreSQL {path.postgres_cpu:.2f} CPU ms/page (start-up included)"
        )
        print(f"  ratio       : {rate / bare_rate:.2f} of the bare spider (claim: at least 0.25)")
        print(f"  CPU         : {path.cpu:.2f} ms/page (claim: at most 4)")
    with site(*OPTIONS, "--latency", "0.1") as served:
        slow = whole(served)
        print(f"  100 ms each : {CHAPTERS / slow.seconds:6.0f} pages/s (claim: at least 150)")
    print(f"  ({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
