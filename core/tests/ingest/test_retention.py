"""What is dropped, and what stays: jobs that ended, their events, and pages of failed ones."""

from __future__ import annotations

import pytest
from workbench import Workbench

from novel_core.archive.retention import sweep
from novel_core.db.engine import session
from novel_core.errors import UnknownJob
from novel_core.jobs import retention
from novel_core.jobs.views import get_job

URL = "https://toy.example/works/1"


def age(bench: Workbench, days: int, where: str = "true") -> None:
    bench.write(f"UPDATE jobs SET finished_at = now() - interval '{days} days' WHERE {where}")


def kept(bench: Workbench) -> list[int]:
    return [row[0] for row in bench.rows("SELECT id FROM jobs ORDER BY id")]


def test_jobs_that_brought_nothing_are_dropped_after_a_while(bench: Workbench) -> None:
    first = bench.ingest(URL).id
    updates = [bench.ingest(URL).id for _ in range(5)]  # unchanged, each one
    age(bench, 80)
    sweep(bench.database, bench.runtime.settings)
    assert kept(bench) == [first, *updates]
    age(bench, 100)
    sweep(bench.database, bench.runtime.settings)
    left = kept(bench)
    assert first in left, "the library's texts came with it"
    assert updates[-1] in left, "the chapter list that is kept came with it"
    assert updates[0] not in left
    with session(bench.database) as opened, pytest.raises(UnknownJob):
        get_job(opened, updates[0])
    assert len(bench.chapters(URL)) == 5
    assert bench.ingest(URL).chapters["unchanged"] == 5


def test_what_is_still_owed_or_open_stays(bench: Workbench) -> None:
    insert = (
        "INSERT INTO jobs (id, source, source_url, url, kind, status, finished_at, announced_at, joined_job_id)"
        " OVERRIDING SYSTEM VALUE VALUES (:id, 'toysite', :url, :url, 'novel', :status,"
        " CASE WHEN :status IN ('done', 'error') THEN now() - interval '1 year' END,"
        " CASE WHEN :told THEN now() END, :joined)"
    )
    rows = {
        1: ("queued", False, None),
        2: ("done", False, None),  # its end is still to be told
        3: ("error", True, None),  # dropped
        4: ("done", True, None),  # joined by 5
        5: ("done", False, 4),  # dropped
        6: ("done", True, None),  # a message about it is still to be sent
    }
    for number, (status, told, joined) in rows.items():
        bench.write(
            insert,
            id=number,
            url=f"https://toy.example/works/{number}",
            status=status,
            told=told,
            joined=joined,
        )
    bench.write("INSERT INTO webhooks (job_id, url) VALUES (6, 'https://a.example/hook')")
    sweep(bench.database, bench.runtime.settings)
    assert kept(bench) == [1, 2, 4, 6]
    sweep(bench.database, bench.runtime.settings)
    assert kept(bench) == [1, 2, 6]


def test_it_is_done_in_batches(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    bench.submit(URL)
    bench.write(
        "INSERT INTO job_events (job_id, at, kind, message) SELECT 1, now() - interval '1 year', 'note', 'old' FROM generate_series(1, 5)"
    )
    bench.write(
        "INSERT INTO job_failures (job_id, url, kind, code, message, at)"
        " SELECT 1, 'https://a.example/' || n, 'chapter', 'not_found', 'old', now() - interval '1 year' FROM generate_series(1, 5) n"
    )
    assert sweep(bench.database, bench.runtime.settings) == 10
    assert bench.value("SELECT count(*) FROM job_events WHERE message = 'old'") == 0
    assert bench.value("SELECT count(*) FROM job_failures") == 0
