"""First markers: a plugin in use begins to read markers, or a list marks an edited chapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from toysite import ToySite, ToyWork
from workbench import Workbench

URL = "https://toy.example/works/1"
#: Long before any test, and after it, as lists write times.
OLD = ["2024-05-01", "2024-05-01T09:00:00+02:00", "1714550400", "1714550400000"]
NEW = datetime.now(UTC) + timedelta(days=1)


def mark(work: ToyWork, *markers: str | None) -> None:
    work.chapters[:] = [
        replace(chapter, marker=marker)
        for chapter, marker in zip(work.chapters, markers, strict=True)
    ]


def test_the_first_markers_of_a_plugin_in_use_request_no_chapter_again(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    changed_at = bench.value("SELECT updated_at FROM novels")
    mark(work, "v1", "v3", "v1", "v1", "v2")
    site.requests.clear()
    job = bench.ingest(URL)
    assert (job.chapters["unchanged"], job.chapters["failed"]) == (5, 0)
    assert site.requests == ["/works/1"]
    assert bench.value("SELECT updated_at FROM novels") == changed_at
    # They are saved: a later one is an edit.
    mark(work, "v1", "v4", "v1", "v1", "v2")
    work.chapters[1] = replace(work.chapters[1], parts=["<p>Better.</p>"])
    assert bench.ingest(URL).chapters["changed"] == 1
    assert site.requests == ["/works/1", "/works/1", "/works/1/2"]


def test_a_list_that_marks_one_chapter_says_that_it_is_edited(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    mark(work, None, None, "v2", None, None)
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests == ["/works/1", "/works/1/3"]
    # Others of the novel have markers by now.
    mark(work, "v2", None, "v2", None, None)
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests == ["/works/1", "/works/1/1"]


def test_a_list_of_two_chapters_says_nothing_of_its_plugin(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    del work.chapters[2:]
    bench.ingest(URL)
    mark(work, "v2", "v2")
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests == ["/works/1", "/works/1/1", "/works/1/2"]


@pytest.mark.parametrize("old", OLD)
def test_a_first_marker_that_is_a_time_before_the_text_is_its_own(
    bench: Workbench, work: ToyWork, site: ToySite, old: str
) -> None:
    bench.ingest(URL)
    mark(work, old, None, None, None, NEW.isoformat())
    site.requests.clear()
    assert bench.ingest(URL).chapters["failed"] == 0
    assert site.requests == ["/works/1", "/works/1/5"]
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests == ["/works/1"]


def test_the_time_of_an_edit_before_the_text_is_no_change(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    work.chapters[0] = replace(work.chapters[0], edited="2024-05-01T00:00:00Z")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    work.chapters[1] = replace(work.chapters[1], edited=today.isoformat())
    site.requests.clear()
    bench.ingest(URL)
    # An edit of today may be later than the text.
    assert site.requests == ["/works/1", "/works/1/2"]


def test_a_first_marker_of_a_text_that_does_not_come_is_asked_for_again(
    bench: Workbench, work: ToyWork
) -> None:
    work.named_apart = True
    bench.ingest(URL)
    mark(work, None, "v2", None, None, None)
    work.chapters[1] = replace(work.chapters[1], parts=["<p>Better.</p>"])
    work.withheld = {"2"}
    assert bench.ingest(URL).chapters["failed"] == 1
    work.withheld = set()
    assert bench.ingest(URL).chapters["changed"] == 1
