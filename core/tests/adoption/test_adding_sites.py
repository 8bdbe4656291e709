"""A site that nobody has listed: recognised, proved, added, and seen by every machine."""

from __future__ import annotations

import pytest
from adopting import Adopting, machine
from chronicles import NOVEL, ChronicleSite
from sqlalchemy import Engine

from novel_core.adoption.report import Verdict
from novel_core.errors import SiteKnown, UnsupportedUrl


def test_a_site_is_recognised_proved_and_added(
    database: Engine, site: ChronicleSite, bench: Adopting
) -> None:
    adoption = bench.adopt(NOVEL)
    report = adoption.report
    assert (adoption.job.status, adoption.job.error_message) == ("done", None)
    assert report is not None
    assert report.novel is not None
    assert (report.software, report.version, report.verdict) == ("Chronicle", "3.2", Verdict.PROVED)
    assert (report.novel.title, report.novel.authors) == ("The Harbour", ("Ann Author",))
    assert (report.novel.found, report.novel.stated, report.novel.dated) == (12, 12, 12)
    assert [one.title for one in report.chapters] == ["Chapter 1", "Chapter 6", "Chapter 12"]
    assert min(one.words for one in report.chapters) > 100
    # The given page is the list: it is requested once.
    assert site.paths(pages_only=True) == [
        "/novel/7", "/novel/7/1", "/novel/7/6", "/novel/7/12",
    ]  # fmt: skip
    assert (report.requests, adoption.site, bench.sites()) == (4, None, [])
    with pytest.raises(UnsupportedUrl):
        bench.runtime.registry.resolve(NOVEL)

    assert bench.confirm(adoption.job.id) == "chronicle-example"
    other = machine(database, site)
    assert other.ingest(NOVEL).status == "done"
    assert [(one.name, one.added_by, one.novels) for one in other.sites()] == [
        ("chronicle-example", "operator", 1)
    ]
    with pytest.raises(SiteKnown, match="read already"):
        other.ask(NOVEL)
