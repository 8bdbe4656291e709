"""A site that nobody has listed: recognised, proved, added, and seen by every machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from adopting import Adopting, machine
from chronicles import BASE, NOVEL, ChronicleSite
from polling import eventually
from sqlalchemy import Engine

from novel_core import intake
from novel_core.adoption.report import Verdict
from novel_core.db.engine import session
from novel_core.errors import SiteKnown, UnsupportedUrl, UsageError


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


def test_a_proof_is_taken_over_from_a_process_that_died(
    site: ChronicleSite, bench: Adopting
) -> None:
    job_id = bench.ask(NOVEL)
    assert bench._claim(job_id) is not None
    bench.write("UPDATE jobs SET lease_until = now() - interval '1 minute'")
    assert bench.run(job_id).error is None
    job = bench.job(job_id)
    assert (job.status, job.attempt) == ("done", 2)


def test_a_proof_can_be_cancelled(database: Engine, site: ChronicleSite) -> None:
    site.change(robots="User-agent: *\nCrawl-delay: 30")
    bench = machine(database, site, sources={})
    job_id = bench.ask(NOVEL)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(bench.run, job_id)
        eventually(lambda: site.paths(pages_only=True))
        with session(database) as opened:
            intake.cancel(opened, job_id)
        assert running.result().error is not None
    adoption = bench.adoption(job_id)
    assert (adoption.job.error_code, adoption.report) == ("cancelled", None)


def test_a_family_names_one_more_page(site: ChronicleSite, bench: Adopting) -> None:
    """Only of the same host, and only where nobody knows the first one."""
    generator = "<meta name=generator content='Chronicle 2'>"
    about = (200, {"Content-Type": "text/html"}, f"<html><head>{generator}</html>")
    site.change(head=f"<link rel=about href={BASE}/about>", answers={"/about": about})
    report = bench.adopt(NOVEL).report
    assert report is not None
    assert (report.version, report.requests) == ("2", 5)
    site.change(head="<link rel=about href=https://other.example/about>")
    site.clear()
    assert bench.adopt(f"{BASE}/novel/8").job.error_code == "not_recognised"
    assert site.paths(pages_only=True) == ["/novel/8"]


def test_wrong_wishes_are_refused(site: ChronicleSite, bench: Adopting) -> None:
    with pytest.raises(UsageError, match="'in English' is not a language tag"):
        bench.ask(NOVEL, language="in English")
    with pytest.raises(UsageError, match="is not a plain host"):
        bench.ask(NOVEL, hosts=("https://api.example/v1",))
    assert site.requests == []


def test_a_walk_is_followed_for_three_chapters(site: ChronicleSite, bench: Adopting) -> None:
    site.change(walks=True, stated=None)
    report = bench.adopt(NOVEL).report
    assert report is not None
    assert [one.title for one in report.chapters] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert "found one after the other" in report.findings[0].text
