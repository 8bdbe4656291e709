"""Pages of a file run through the same runner as a crawl's: time limits, deadline, guard."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import hanging
import pytest
import toysite
from elsewhere import other_database
from polling import eventually
from toysite import ToySite
from workbench import Workbench

from novel_core.db.engine import open_database
from novel_core.jobs import guard
from novel_core.page import Page, Parsed
from novel_core.source import PageKind
from novel_core.states import JobState
from novel_core.warc import import_warc, write_warc_file

URL = "https://toy.example/works/1"
PAGE = f"{URL}/3"


@pytest.fixture
def file(bench: Workbench, site: ToySite, tmp_path: Path) -> Path:
    """The novel as a WARC file; the site's log is empty again."""
    bench.ingest(URL)
    path = tmp_path / "novel.warc.gz"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.requests.clear()
    return path


@pytest.fixture
def empty_url(postgres: str, template: str) -> Iterator[str]:
    with other_database(postgres, template) as url:
        yield url


@pytest.fixture
def empty(bench: Workbench, empty_url: str) -> Iterator[Workbench]:
    """A workbench over an empty database, with a short time limit for a page."""
    engine = open_database(empty_url)
    settings = bench.runtime.settings.model_copy(update={"page_timeout": 0.3})
    yield Workbench(replace(bench.runtime, database=engine, settings=settings))
    engine.dispose()


def slow_parser(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], object]) -> None:
    """The toy source's parser waits before it parses chapter 3."""
    parse = toysite.ToyParser.parse

    def slow(self: toysite.ToyParser, page: Page) -> Parsed:
        if page.kind is PageKind.CHAPTER and page.chapters == ("3",):
            wait()
        return parse(self, page)

    monkeypatch.setattr(toysite.ToyParser, "parse", slow)
    monkeypatch.setattr(toysite.ToyParser, "follow", lambda self, page: parse(self, page).follow)


def test_a_page_over_its_time_limit_is_a_gap(
    empty: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_parser(monkeypatch, lambda: re.match(r"(?:a+)+$", "a" * 60 + "b"))
    (result,) = import_warc(empty.runtime, file).novels
    job = empty.job(result.job_ids[0])
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 4, 1)
    [failure] = empty.failures(job.id)
    assert (failure.code, failure.chapter_ids) == ("page_too_slow", ("3",))


def test_a_deadline_ends_the_job(
    empty: Workbench, file: Path, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_stopped() -> bool:
        return all(thread.name != "novel-leases" for thread in threading.enumerate())

    monkeypatch.setattr(guard, "CHECK_EVERY", 0.02)
    slow_parser(monkeypatch, lambda: eventually(is_stopped))
    settings = empty.runtime.settings.model_copy(update={"job_timeout": 0, "page_timeout": 60})
    (result,) = import_warc(replace(empty.runtime, settings=settings), file).novels
    job = empty.job(result.job_ids[0])
    # It does not go back to the queue: a worker would send requests to the site.
    assert (job.status, job.error_code) == (JobState.ERROR, "deadline_passed")
    assert site.requests == []


def test_a_parser_that_cannot_be_interrupted_is_ended_and_its_page_skipped(
    empty: Workbench, empty_url: str, bench: Workbench, file: Path
) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        script = Path(hanging.__file__)
        site = bench.runtime.settings.host_map[toysite.HOST]
        arguments = [empty_url, site, "deaf loop", "0.2", "60", str(file)]
        return subprocess.run(
            [sys.executable, str(script), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={"PYTHONPATH": str(script.parent), "PATH": ""},
        )

    first = run()
    assert first.returncode == 6, first.stderr
    assert PAGE in first.stderr
    assert (empty.job(1).status, empty.job(1).error_code) == (JobState.ERROR, "page_too_slow")
    second = run()
    assert second.returncode == 0, second.stderr
    job = empty.job(2)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 4, 1)
    [failure] = empty.failures(job.id)
    assert (failure.code, failure.url) == ("page_too_slow", PAGE)
