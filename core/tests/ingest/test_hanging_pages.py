"""Code over a page that runs for ever: interrupted where it hears that, ended with its process where it does not."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hanging
import pytest
import toysite
from polling import eventually
from toysite import ToySite
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.items import Chapter, Item
from novel_core.jobs import lifecycle, unclaimed
from novel_core.page import Page, Parsed
from novel_core.source import PageKind
from novel_core.states import JobState
from novel_core.steps import Step

URL = "https://toy.example/works/1"
PAGE = f"{URL}/3"


def python_loop() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:  # noqa: BLE001 - as a careless parser does
            continue


def regular_expression() -> None:
    re.match(r"(?:a+)+$", "a" * 60 + "b")


HANGS = pytest.mark.parametrize("hang", [python_loop, regular_expression])


@pytest.fixture
def quick(bench: Workbench) -> Workbench:
    settings = bench.runtime.settings.model_copy(update={"page_timeout": 0.3})
    return Workbench(replace(bench.runtime, settings=settings))


def hangs_on(
    monkeypatch: pytest.MonkeyPatch, kind: PageKind, hang: Callable[[], None], method: str = "parse"
) -> None:
    healthy = toysite.ToyParser.parse

    def slow(self: toysite.ToyParser, page: Page) -> Parsed:
        if page.kind is kind and (kind is PageKind.INDEX or page.chapters == ("3",)):
            hang()
        return healthy(self, page)

    other = {"parse": "follow", "follow": "parse"}[method]
    quickly = healthy if other == "parse" else lambda self, page: healthy(self, page).follow
    slowly = slow if method == "parse" else lambda self, page: slow(self, page).follow
    monkeypatch.setattr(toysite.ToyParser, other, quickly)
    monkeypatch.setattr(toysite.ToyParser, method, slowly)


@HANGS
@pytest.mark.parametrize("method", ["parse", "follow"])
def test_a_chapter_that_is_never_read_is_a_gap_and_the_others_are_saved(
    quick: Workbench, monkeypatch: pytest.MonkeyPatch, hang: Callable[[], None], method: str
) -> None:
    hangs_on(monkeypatch, PageKind.CHAPTER, hang, method)
    job = quick.ingest(URL)
    assert (job.status, job.attempt) == (JobState.DONE, 1), job.error_message
    if method == "parse":
        assert (job.chapters["new"], job.chapters["failed"]) == (4, 1)
    [failure] = quick.failures(job.id)
    assert (failure.code, failure.chapter_ids) == ("page_too_slow", ("3",))
    assert PAGE in failure.message


@HANGS
def test_a_list_that_is_never_read_ends_the_job_in_words(
    quick: Workbench, monkeypatch: pytest.MonkeyPatch, hang: Callable[[], None]
) -> None:
    hangs_on(monkeypatch, PageKind.INDEX, hang)
    job = quick.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, "page_too_slow")
    assert job.error_message is not None
    assert "The parser of toysite" in job.error_message
    assert URL in job.error_message


@HANGS
def test_a_save_hook_that_never_ends_costs_its_chapter(
    quick: Workbench, hang: Callable[[], None]
) -> None:
    def slow(item: Item) -> None:
        if isinstance(item, Chapter) and item.source_id == "3":
            hang()

    toysite.BEFORE_SAVE.append(slow)
    job = quick.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (4, 1), job.error_message
    [failure] = quick.failures(job.id)
    assert (failure.code, failure.chapter_ids) == ("page_too_slow", ("3",))


class Foreground:
    """`novel ingest` in a process of its own."""

    def __init__(self, bench: Workbench, database_url: str) -> None:
        self._site = bench.runtime.settings.host_map[toysite.HOST]
        self._database_url = database_url

    def start(
        self, how: str, *, page_timeout: float = 0.2, lease: float = 60
    ) -> subprocess.Popen[str]:
        script = Path(hanging.__file__)
        return subprocess.Popen(
            [
                *(sys.executable, str(script), self._database_url, self._site),
                *(how, str(page_timeout), str(lease)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(script.parent), "PATH": ""},
        )


@pytest.fixture
def foreground(bench: Workbench, database_url: str) -> Foreground:
    return Foreground(bench, database_url)


def test_what_hears_nothing_ends_with_its_process_and_the_next_one_leaves_the_page_out(
    foreground: Foreground, bench: Workbench, site: ToySite
) -> None:
    process = foreground.start("deaf loop")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 6, said
    assert PAGE in said
    job = bench.job(1)
    assert (job.status, job.error_code) == (JobState.ERROR, "page_too_slow")
    site.requests.clear()
    again = foreground.start("deaf loop")
    _, said = again.communicate(timeout=60)
    assert again.returncode == 0, said
    job = bench.job(1)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 4, 1)
    assert site.requests == []
    # Whoever wants it tried once more, says so.
    with session(bench.database) as opened:
        unclaimed.retry(opened, 1)
    bench.run(1)
    assert bench.job(1).chapters["failed"] == 0


def test_a_job_is_cancelled_while_its_parser_hangs(
    foreground: Foreground, bench: Workbench
) -> None:
    process = foreground.start("deaf loop", page_timeout=1000)
    eventually(lambda: bench.value("SELECT count(*) FROM jobs WHERE status = 'parsing'"))
    with session(bench.database) as opened:
        unclaimed.cancel(opened, 1)
    process.communicate(timeout=60)
    assert (bench.job(1).status, bench.job(1).error_code) == (JobState.ERROR, "cancelled")


def test_what_holds_the_interpreter_ends_with_the_lease(
    foreground: Foreground, bench: Workbench
) -> None:
    process = foreground.start("held interpreter", lease=2)
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGVTALRM, said
    assert "in held_interpreter" in said
    # Its owner is known to be dead: another process goes on at once, and notes what it works on.
    for _ in range(2):
        foreground.start("held interpreter", lease=2).communicate(timeout=60)
        assert bench.value("SELECT working_on -> 'step' ->> 'url' FROM jobs") == PAGE
        with session(bench.database) as opened:
            assert unclaimed.release_abandoned(opened, max_failures=8, backoff=0) == [1]
    # Two died in the midst of the same page: the next one leaves it out.
    last = foreground.start("held interpreter", lease=2)
    _, said = last.communicate(timeout=60)
    assert last.returncode == 0, said
    job = bench.job(1)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 4, 1)
    assert any(PAGE in event.message for event in bench.events(1) if event.kind == "warning")


def test_whoever_ends_processes_blames_no_page(bench: Workbench) -> None:
    """Each attempt dies elsewhere, or between two pages: nothing is left out."""
    bench.submit(URL)
    pages = [f"{URL}/{number}" for number in range(1, 5)]
    for step in (None, *(Step("Parsing", page, ()) for page in pages), None):
        with session(bench.database) as opened:
            claim = lifecycle.claim(opened, 1, lease=60)
            assert claim is not None
            lifecycle.note_step(opened, claim, step)
        bench.write("UPDATE jobs SET lease_until = now() - interval '1 second'")
        with session(bench.database) as opened:
            assert unclaimed.release_abandoned(opened, max_failures=100, backoff=0) == [1]
    assert bench.run(1).error is None
    assert bench.job(1).chapters["failed"] == 0
