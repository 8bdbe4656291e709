"""`kill -9` of PostgreSQL in the middle of a job: what was confirmed is there, what was lost is made again, nothing is wrong."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import toysite
from polling import eventually
from sqlalchemy import text
from toysite import ToySite, ToyWork
from workbench import Workbench

from novel_core import services
from novel_core.db import migrate
from novel_core.db.engine import open_database, session
from novel_core.errors import StorageError
from novel_core.items import Chapter, Item
from novel_core.page import Page, Parsed
from novel_core.settings import SourceOverride
from novel_core.states import JobState

URL = "https://toy.example/works/1"


class Server:
    """A PostgreSQL of the test's own, kept running by its guard."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def pid(self) -> int | None:
        return next((server.pid for server in services.status(self._home).servers), None)

    def crash(self, bench: Workbench) -> None:
        """`kill -9` of the postmaster; returns when its successor answers."""
        before = self.pid()
        assert before is not None
        os.kill(before, signal.SIGKILL)
        eventually(lambda: self.pid() not in (None, before) and _answers(bench))


def _answers(bench: Workbench) -> bool:
    try:
        with session(bench.database) as opened:
            opened.execute(text("SELECT 1"))
    except StorageError:
        return False
    return True


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with services.attach(tmp_path / "own", valkey=False):
        yield Server(tmp_path / "own")


@pytest.fixture
def crashing(bench: Workbench, server: Server, tmp_path: Path) -> Iterator[Workbench]:
    """The workbench over that server, one request at a time."""
    with services.attach(tmp_path / "own", valkey=False) as attachment:
        url = attachment.services.database_url
        assert url is not None
        database = open_database(url)
        migrate.upgrade(database)
        settings = bench.runtime.settings.model_copy(
            update={
                "batch_size": 2,
                "sources": {"toysite": SourceOverride(requests_per_second=0, concurrency=1)},
            }
        )
        yield Workbench(replace(bench.runtime, database=database, settings=settings))
        database.dispose()


def once(action: Callable[[], None]) -> Callable[[], None]:
    left = [action]

    def do() -> None:
        if left:
            left.pop()()

    return do


def archived(bench: Workbench, chapter: str) -> None:
    """Return once the crawl has archived the chapter's page."""
    there = "SELECT count(*) FROM pages WHERE :chapter = ANY (chapter_ids)"
    eventually(lambda: bench.value(there, chapter=chapter))


def is_whole(bench: Workbench, job_id: int) -> None:
    """The job is done, lacks nothing and says nothing else."""
    job = bench.job(job_id)
    assert job.status == JobState.DONE, job.error_message
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert bench.value("SELECT count(*) FROM chapter_texts") == 5


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_crash_while_pages_come_in_loses_none_of_them(
    crashing: Workbench,
    server: Server,
    site: ToySite,
    setting: str,
) -> None:
    """The server is up again before the next page comes: nobody gets an error. Also where it may confirm too early."""
    name = crashing.value("SELECT current_database()")
    with crashing.database.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        opened.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = {setting}'))
    crashing.database.dispose()
    crash = once(lambda: server.crash(crashing))

    def cut(chapter: str) -> None:
        if chapter == "4":
            archived(crashing, "2")
            crash()

    site.on_chapter.append(cut)
    job_id = crashing.submit(URL)
    crashing.run(job_id)
    is_whole(crashing, job_id)
    assert all(site.requests.count(f"/works/1/{chapter}") == 1 for chapter in (1, 2, 3))


def test_pages_that_a_server_loses_all_the_same_are_asked_for_again(
    crashing: Workbench, site: ToySite
) -> None:
    """A server without fsync, a standby that lagged: what was confirmed is gone, and the job says so."""
    lose = once(lambda: crashing.write("DELETE FROM pages WHERE '2' = ANY (chapter_ids)"))

    def cut(chapter: str) -> None:
        if chapter == "4":
            archived(crashing, "2")
            lose()

    site.on_chapter.append(cut)
    job_id = crashing.submit(URL)
    outcome = crashing.run(job_id)
    assert isinstance(outcome.error, StorageError)
    crashing.run(crashing.submit(URL))
    is_whole(crashing, job_id)
    assert [path for path in site.requests if site.requests.count(path) > 1] == ["/works/1/2"] * 2


def test_a_crash_between_two_batches_of_the_parser(
    crashing: Workbench, server: Server, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = toysite.ToyParser.parse
    crash = once(lambda: server.crash(crashing))

    def cut(self: toysite.ToyParser, page: Page) -> Parsed:
        if page.chapters == ("4",) and crashing.job(job_id).status == JobState.PARSING:
            crash()
        return healthy(self, page)

    monkeypatch.setattr(toysite.ToyParser, "parse", cut)
    job_id = crashing.submit(URL)
    outcome = crashing.run(job_id)
    assert outcome.error is None
    is_whole(crashing, job_id)
    assert len(site.requests) == 6


@pytest.mark.parametrize("chapter", [None, "5"], ids=["before the first text", "before the last"])
def test_a_crash_between_the_parser_and_the_save(
    crashing: Workbench, server: Server, site: ToySite, chapter: str | None
) -> None:
    crash = once(lambda: server.crash(crashing))

    def cut(item: Item) -> None:
        if (item.source_id if isinstance(item, Chapter) else None) == chapter:
            crash()

    toysite.BEFORE_SAVE.append(cut)
    job_id = crashing.submit(URL)
    outcome = crashing.run(job_id)
    assert outcome.error is None
    is_whole(crashing, job_id)
    assert len(site.requests) == 6


def test_a_crash_in_the_middle_of_the_save(
    crashing: Workbench, server: Server, site: ToySite
) -> None:
    crashing.write(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_advisory_xact_lock(42); RETURN NEW; END $$"
    )
    crashing.write(
        "CREATE TRIGGER hold AFTER INSERT ON chapter_texts FOR EACH ROW EXECUTE FUNCTION hold()"
    )
    job_id = crashing.submit(URL)
    with crashing.database.connect() as guard, ThreadPoolExecutor(1) as pool:
        guard.execute(text("SELECT pg_advisory_lock(42)"))
        running = pool.submit(crashing.run, job_id)
        eventually(lambda: crashing.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        server.crash(crashing)
        outcome = running.result(60)
        guard.invalidate()
    assert isinstance(outcome.error, StorageError)
    assert crashing.value("SELECT count(*) FROM novels") == 0
    crashing.run(crashing.submit(URL))
    is_whole(crashing, job_id)
    assert len(site.requests) == 6


def test_no_hook_runs_inside_a_transaction(bench: Workbench, work: ToyWork) -> None:
    """While one works, the job can be cancelled and the novel's rows are free."""
    open_transactions: list[int] = []

    def look(_: Item) -> None:
        held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        open_transactions.append(bench.value(f"{held} AND state = 'idle in transaction'"))
        bench.write("SET LOCAL lock_timeout = '1s'; SELECT * FROM jobs FOR UPDATE")

    toysite.BEFORE_SAVE.append(look)
    job = bench.ingest(URL)
    assert job.status == JobState.DONE, job.error_message
    assert open_transactions == [0] * 6


def test_texts_written_by_somebody_else_since_are_decided_anew(
    bench: Workbench, work: ToyWork
) -> None:
    bench.ingest(URL)
    work.chapters[0].parts = ["<p>Better.</p>"]
    again = "UPDATE chapter_texts SET parser_version = 'other', fingerprint = 'other'"
    change = once(lambda: bench.write(again))
    toysite.BEFORE_SAVE.append(lambda item: change() if item.source_id == "5" else None)
    job = bench.ingest(URL, recheck="all")
    assert (job.status, job.chapters["changed"]) == (JobState.DONE, 1), job.error_message
    assert bench.value("SELECT count(*) FROM chapter_texts") == 6
    assert bench.value("SELECT count(*) FROM chapter_texts WHERE fingerprint = 'other'") == 1
