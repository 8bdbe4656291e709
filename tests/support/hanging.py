"""`novel ingest` over the toy source with a parser that hangs on one page, in its own process.

`python hanging.py DATABASE_URL SITE_URL HOW PAGE_TIMEOUT LEASE [FILE]`, with HOW one of the names
of `HANGS`. With FILE, a WARC file, it is `novel import`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import toysite
from workbench import Workbench, quick_settings, registry_of

from novel_core.cli.job_run import drive
from novel_core.db.engine import open_database
from novel_core.jobs import guard
from novel_core.page import Page, Parsed
from novel_core.runtime import Runtime, Servers
from novel_core.source import PageKind
from novel_core.warc import ImportReport, import_warc

URL = "https://toy.example/works/1"


def deaf_loop() -> None:
    """Python that catches everything, an interrupt too."""
    while True:
        try:
            while True:
                time.monotonic()
        except BaseException:  # noqa: BLE001 - that is the point
            continue


def held_interpreter() -> None:
    """C that lets no other thread run, and looks at no signal."""
    sum(range(10**18))


HANGS: dict[str, Callable[[], None]] = {
    "nowhere": lambda: None,
    "deaf loop": deaf_loop,
    "held interpreter": held_interpreter,
}


class HangingParser(toysite.ToyParser):
    def __init__(self, hang: Callable[[], None]) -> None:
        self._hang = hang

    def follow(self, page: Page) -> list[object]:  # type: ignore[override]
        return list(super().parse(page).follow)

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.CHAPTER and page.chapters == ("3",):
            self._hang()
        return super().parse(page)


def import_file(runtime: Runtime, path: Path) -> None:
    def leave(report: ImportReport) -> None:
        error = report.novels[-1].error
        assert error is not None
        sys.stderr.write(error.message)
        sys.stderr.flush()
        os._exit(error.exit_code)

    import_warc(runtime, path, leave=leave)


def main(
    database_url: str, site: str, how: str, page_timeout: str, lease: str, file: str = ""
) -> None:
    guard.PATIENCE = 1.0
    parser = HangingParser(HANGS[how])
    settings = quick_settings(
        host_map={toysite.HOST: site}, page_timeout=float(page_timeout), lease=float(lease)
    )
    registry = registry_of("toysite")
    registry.get("toysite").__dict__["_parser"] = parser
    runtime = Runtime(settings, registry, open_database(database_url), Servers("", None))
    if file:
        import_file(runtime, Path(file))
    else:
        drive(runtime, Workbench(runtime).submit(URL))


if __name__ == "__main__":
    main(*sys.argv[1:])
