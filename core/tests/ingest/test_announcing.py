"""Plugins that listen: slow ones, hanging ones, and jobs that are opened again meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import toysite
from polling import eventually
from sqlalchemy import text
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.hookspecs import Change, SavedRef
from novel_core.ingest import listeners
from novel_core.ingest.announcing import announce, announce_pending

URL = "https://toy.example/works/1"


class Gate:
    """Holds the first call of the toy source's listener until it is opened."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        self.threads: set[str] = set()

    def append(self, _told: object) -> None:
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        self.open.wait()

    def __len__(self) -> int:
        return len(self.threads)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    held = Gate()
    monkeypatch.setattr(toysite, "TOLD", held)
    yield held
    held.open.set()


def locks(bench: Workbench) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    open_ones = f"{waiting} AND state LIKE 'idle in transaction%'"
    with bench.database.connect() as connection:
        return int(connection.scalar(text(open_ones)) or 0)


def untold(bench: Workbench) -> int:
    """A job that has ended and of which nobody was told."""
    job_id = bench.submit(URL)
    bench.run(job_id)
    toysite.FINISHED.clear()
    bench.write("UPDATE jobs SET announced_at = NULL")
    return job_id


def test_a_slow_listener_holds_neither_a_transaction_nor_the_job(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = untold(bench)
    gate = Gate()
    monkeypatch.setattr(toysite, "TOLD", gate)
    telling_it = threading.Thread(target=announce, args=(bench.runtime, job_id))
    telling_it.start()
    try:
        assert gate.entered.wait(30)
        assert locks(bench) == 0
        bench.write("UPDATE jobs SET updated_at = now()")  # nothing holds the row
        announce_pending(bench.runtime)  # another process passes it by
        assert toysite.FINISHED == []
    finally:
        gate.open.set()
        telling_it.join()
    assert len(toysite.FINISHED) == 1
    assert gate.threads == {"novel-novel_item_saved"}
    assert bench.value("SELECT announced_at IS NOT NULL AND announcing_until IS NULL FROM jobs")


def test_a_listener_that_does_not_come_back_is_left_behind(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    monkeypatch.setattr(listeners, "CALL_LIMIT", 0.2)
    job = bench.ingest(URL)
    assert job.status == "done"
    assert len(gate) == 1, "it is not called again"
    assert bench.value("SELECT announced_at IS NOT NULL FROM jobs")
    [(message,)] = bench.rows("SELECT message FROM job_events WHERE kind = 'warning'")
    assert "novel_item_saved did not return" in message


def test_an_announcement_that_was_cut_off_is_made_again(bench: Workbench) -> None:
    untold(bench)
    toysite.TOLD.clear()
    bench.write("UPDATE jobs SET announcing_until = now() + interval '1 hour'")
    announce_pending(bench.runtime)
    assert toysite.TOLD == []
    bench.write("UPDATE jobs SET announcing_until = now() - interval '1 second'")
    announce_pending(bench.runtime)
    assert (len(toysite.TOLD), len(toysite.FINISHED)) == (6, 1)


def test_a_job_opened_again_meanwhile_has_another_end_to_tell(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = untold(bench)
    gate = Gate()
    monkeypatch.setattr(toysite, "TOLD", gate)
    telling_it = threading.Thread(target=announce, args=(bench.runtime, job_id))
    telling_it.start()
    assert gate.entered.wait(30)
    bench.write("UPDATE jobs SET status = 'queued', finished_at = NULL, announced_at = NULL")
    gate.open.set()
    telling_it.join()
    assert bench.value("SELECT announced_at IS NULL FROM jobs")


def test_every_chapter_is_told_of_however_many_are_read_at_once(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("novel_core.ingest.announcing.BATCH", 2)
    bench.ingest(URL)
    told: list[Any] = toysite.TOLD
    assert len(told) == 6
    eventually(lambda: len(toysite.FINISHED) == 1)


def told(refs: tuple[SavedRef, ...]) -> list[tuple[int | None, str, Change | None]]:
    return [(ref.number, ref.title, ref.change) for ref in refs]


def test_the_end_of_a_job_comes_with_what_it_saved(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    assert told(toysite.SAVED[-1]) == [
        (None, work.title, Change.NEW),
        *((number, f"Chapter {number}", Change.NEW) for number in range(1, 6)),
    ]
    assert {ref.slug for ref in toysite.SAVED[-1]} == {"the-clockmakers-garden"}
    bench.ingest(URL)
    assert toysite.SAVED[-1] == ()
    work.chapters[3] = replace(work.chapters[3], marker="v2", parts=["<p>Better.</p>"])
    work.chapters.insert(1, ToyChapter("6", "Interlude", ["<p>Six.</p>"]))
    bench.ingest(URL)
    assert told(toysite.SAVED[-1]) == [
        (None, work.title, Change.CHANGED),
        (2, "Interlude", Change.NEW),
        (5, "Chapter 4", Change.CHANGED),
    ]
    assert toysite.FINISHED[-1].novel == replace(toysite.SAVED[-1][0], change=None)


def test_a_failed_job_has_saved_nothing(bench: Workbench, site: ToySite) -> None:
    site.works.clear()
    assert bench.ingest(URL).status == "error"
    assert toysite.SAVED[-1] == ()
