"""What a small job costs in the database: each statement and commit is a round trip of every job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Engine, event
from toysite import ToyWork
from workbench import Workbench, registry_of

from novel_core.archive.pages import load_pages, sizes_of_pages
from novel_core.db.engine import session
from novel_core.ingest.announcing import announce
from novel_core.source import PageKind

URL = "https://toy.example/works/1"


@contextmanager
def counted(database: Engine) -> Iterator[Counter[str]]:
    """Counts the statements and commits of the block."""
    counts: Counter[str] = Counter()

    def statement(*_: object) -> None:
        counts["statements"] += 1

    def commit(*_: object) -> None:
        counts["commits"] += 1

    event.listen(database, "before_cursor_execute", statement)
    event.listen(database, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(database, "before_cursor_execute", statement)
        event.remove(database, "commit", commit)


def test_a_novel_of_one_chapter_takes_few_statements(bench: Workbench, work: ToyWork) -> None:
    del work.chapters[1:]
    job_id = bench.submit(URL)
    with counted(bench.database) as counts:
        bench.run(job_id)
    assert bench.job(job_id).chapters["new"] == 1
    # With what its listeners cost. Raise a limit only for a statement that a job needs.
    assert counts["statements"] <= 88
    assert counts["commits"] <= 24


def test_an_end_that_no_plugin_listens_to_is_noted_by_one_statement(
    bench: Workbench,
) -> None:
    job_id = bench.ingest(URL).id
    bench.write("UPDATE jobs SET announced_at = NULL")
    runtime = replace(bench.runtime, registry=registry_of())
    with counted(bench.database) as counts:
        announce(runtime, job_id)
    assert counts == {"statements": 1, "commits": 1}
    assert bench.rows("SELECT count(*) FROM jobs WHERE announced_at IS NULL") == [(0,)]


def test_pages_of_the_list_come_before_chapters_that_were_fetched_earlier(bench: Workbench) -> None:
    job_id = bench.ingest(URL).id
    bench.write("UPDATE pages SET id = DEFAULT WHERE kind = 'index'")
    with session(bench.database) as opened:
        sized = sizes_of_pages(opened, job_id, PageKind.INDEX, PageKind.CHAPTER)
        page_ids = [page_id for page_id, _ in sized]
        kinds = [page.kind for page in load_pages(opened, page_ids)]
    assert max(page_ids) == page_ids[0]
    assert kinds == ["index"] + ["chapter"] * (len(kinds) - 1)
