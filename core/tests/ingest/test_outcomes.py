"""Failures that are no gap: optional pages and locked chapters; and what the job says of the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from askingsite import AskingSite, follow_by, in_batches
from toysite import ROOT, ToyParser, ToyWork
from workbench import Workbench

from novel_core import Follow, Page, PageKind, PageRequest, Parsed
from novel_core.errors import (
    Gated,
    Locked,
    Maintenance,
    NotYet,
    SiteUnavailable,
    SourceError,
)
from novel_core.ingest.reparse import reparse_novel
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.views import JobView
from novel_core.states import JobState
from novel_core.warc import import_warc, write_warc_file

URL = "https://toy.example/works/1"
EXTRA = f"{ROOT}/api/extra"


@pytest.fixture
def site(work: ToyWork) -> AskingSite:
    return AskingSite(work)


def _warnings(bench: Workbench, job_id: int) -> list[str]:
    return [event.message for event in bench.events(job_id) if event.kind == "warning"]


def _age(bench: Workbench, days: int) -> None:
    bench.write(f"UPDATE pages SET fetched_at = fetched_at - interval '{days} days'")
    bench.write(f"UPDATE chapters SET locked_at = locked_at - interval '{days} days'")


def _access(bench: Workbench) -> list[str]:
    return [row[0] for row in bench.rows("SELECT access FROM chapters ORDER BY number")]


def _with_extra(kind: PageKind, *chapters: str) -> object:
    def make(page: Page, parsed: Parsed) -> Sequence[Follow]:
        if page.kind is not PageKind.INDEX:
            return parsed.follow
        position = 7 if kind is PageKind.INDEX else 0
        extra = Follow(EXTRA, kind, chapters=chapters, position=position, is_optional=True)
        return [*(one for one in parsed.follow if one.chapters != chapters), extra]

    return make


@pytest.mark.parametrize("kind", [PageKind.INDEX, PageKind.CHAPTER])
def test_an_optional_page_is_no_gap_and_rests(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch, kind: PageKind
) -> None:
    chapters = ("3",) if kind is PageKind.CHAPTER else ()
    follow_by(monkeypatch, _with_extra(kind, *chapters))  # type: ignore[arg-type]
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.DONE, None)
    assert (job.chapters["new"], job.chapters["failed"]) == (5 - len(chapters), 0)
    assert bench.failures(job.id) == []
    warnings = _warnings(bench, job.id)
    assert [one for one in warnings if "optional" in one] == [
        f"An optional page could not be fetched: {EXTRA} does not exist (status 404)."
    ]
    assert len(warnings) == 1
    # Not requested again for days, also after later jobs have pruned the archive.
    for _ in range(2):
        _age(bench, 1)
        site.requests.clear()
        job = bench.ingest(URL)
        assert site.requests == ["/works/1"]
        assert (job.chapters["failed"], job.chapters["removed"]) == (0, 0)
        assert _warnings(bench, job.id) == []
    _age(bench, 2)
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests == ["/works/1", "/api/extra"]


def test_a_recheck_of_everything_requests_an_optional_page_too(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, _with_extra(PageKind.INDEX))  # type: ignore[arg-type]
    bench.ingest(URL)
    site.requests.clear()
    bench.ingest(URL, recheck="all")
    assert "/api/extra" in site.requests


def test_chapters_of_an_optional_list_page_that_fails_are_not_removed(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.per_page = 3
    follow_by(
        monkeypatch,
        lambda _, parsed: [
            Follow(one.url, one.kind, position=one.position, is_optional=True)
            if one.kind is PageKind.INDEX
            else one
            for one in parsed.follow
        ],
    )
    assert bench.ingest(URL).chapters["new"] == 5
    monkeypatch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, "?page=1"))
    job = bench.ingest(URL)
    assert (job.status, job.chapters["total"], job.chapters["removed"]) == (JobState.DONE, 5, 0)


def _refusing(whole: object, end: str) -> object:
    def parse(self: ToyParser, page: Page) -> Parsed:
        if page.url.endswith(end):
            raise Locked("The list is for members only.", url=page.url)
        return whole(self, page)  # type: ignore[operator,no-any-return]

    return parse


@pytest.mark.parametrize("by", ["spider", "parser"])
def test_a_locked_chapter_counts_as_locked_and_is_requested_again_after_a_day(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    whole = ToyParser.parse
    if by == "parser":
        monkeypatch.setattr(ToyParser, "parse", _refusing(whole, "/4"))
    else:
        from novel_core.crawl.spider import NovelSpider

        def check(_: object, page: Page) -> None:
            if page.url.endswith("/4"):
                raise Locked("Early access.", url=page.url)

        monkeypatch.setattr(NovelSpider, "check", check)
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (4, 1, 0)
    assert bench.failures(job.id) == []
    assert _warnings(bench, job.id) == []
    assert _access(bench) == ["free"] * 3 + ["locked", "free"]
    site.requests.clear()
    job = bench.ingest(URL)
    assert site.requests == ["/works/1"]
    assert (job.chapters["locked"], job.chapters["failed"]) == (1, 0)
    monkeypatch.undo()
    _age(bench, 1)
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"]) == (1, 0)
    assert _access(bench) == ["free"] * 5


def test_a_reparse_keeps_what_was_set_aside(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.per_page = 3
    follow_by(
        monkeypatch,
        lambda _, parsed: [
            Follow(one.url, one.kind, position=one.position, is_optional=True)
            if one.kind is PageKind.INDEX
            else one
            for one in parsed.follow
        ],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, "/2"))
        assert bench.ingest(URL).chapters["locked"] == 1
    listed = bench.rows("SELECT source_chapter_id, access, removed_at FROM chapters ORDER BY 1")
    assert [tuple(row) for row in listed][1] == ("2", "locked", None)
    _age(bench, 30)
    for refused in ("/2", "?page=1"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, refused))
            counts = reparse_novel(bench.runtime, bench.novel_id(URL))
        assert counts.failed == []
        assert (
            bench.rows("SELECT source_chapter_id, access, removed_at FROM chapters ORDER BY 1")
            == listed
        )


def test_a_saved_chapter_that_becomes_locked_keeps_its_text(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    monkeypatch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, "/4"))
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["unchanged"], job.chapters["failed"]) == (5, 0)
    assert bench.read(URL, "4").content_html == "<p>Text of chapter 4.</p>"


@pytest.mark.parametrize("refused", [NotYet, Maintenance, SiteUnavailable])
def test_what_a_parser_says_of_the_novels_page_is_asked_of_the_site_again(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch, refused: type[SourceError]
) -> None:
    def parse(_: ToyParser, page: Page) -> Parsed:
        raise refused("Not now.", url=page.url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToyParser, "parse", parse)
        for _ in range(2):
            site.requests.clear()
            assert bench.ingest(URL).error_code == refused.code
            assert "/works/1" in site.requests
    # Open again: what a person submits is requested now.
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5)


def test_locked_chapters_of_one_batch_are_locked_together(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(5))
    monkeypatch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, "ids=1,2,3,4,5"))
    job = bench.ingest(URL)
    assert (job.chapters["locked"], job.chapters["failed"]) == (5, 0)


def test_maintenance_pauses_the_site_for_as_long_as_it_says(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_: object, page: Page) -> Parsed:
        raise Maintenance("Back soon.", retry_after=900.0, url=page.url)

    monkeypatch.setattr(ToyParser, "parse", parse)
    job_id = bench.submit(URL)
    outcome = bench.run(job_id)
    assert isinstance(outcome.error, Maintenance)
    assert bench.job(job_id).error_code == "maintenance"
    left = bench.value("SELECT extract(epoch FROM max(blocked_until) - now()) FROM origins")
    assert 800 < left <= 900
    policy = RetryPolicy(max_failures=3, backoff=10)
    assert policy.delay(outcome.error, failures=0) == 900.0
    later = policy.delay(Maintenance("Soon."), failures=0)
    assert later is not None
    assert 10 <= later <= 12.5


def test_a_gate_that_may_not_be_confirmed_says_how_to_allow_it(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_: object, page: Page) -> Parsed:
        raise Gated("It asks for the age.", confirm=PageRequest(EXTRA), url=page.url)

    monkeypatch.setattr(ToyParser, "parse", parse)
    outcome = bench.run(bench.submit(URL))
    assert isinstance(outcome.error, Gated)
    assert "NOVEL_SOURCES__TOYSITE__CONFIRM_GATES=true" in outcome.error.hint
    assert outcome.error.exit_code == 4


def _imported(bench: Workbench, path: Path) -> JobView:
    """The job of an import into the library, emptied before."""
    bench.write("TRUNCATE novels, pages, jobs CASCADE")
    (result,) = import_warc(bench.runtime, path).novels
    assert result.error is None
    return bench.job(result.job_ids[0])


def test_an_optional_page_that_a_file_lacks_is_no_gap(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, _with_extra(PageKind.INDEX))  # type: ignore[arg-type]
    bench.ingest(URL)
    path = tmp_path / "novel.warc"
    bench.write("DELETE FROM pages WHERE is_optional")
    write_warc_file(bench.database, bench.novel_id(URL), path)
    job = _imported(bench, path)
    assert (job.chapters["new"], bench.failures(job.id)) == (5, [])


def test_a_locked_chapter_of_a_file_is_no_gap(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToyParser, "parse", _refusing(ToyParser.parse, "/4"))
    bench.ingest(URL)
    path = tmp_path / "novel.warc"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    job = _imported(bench, path)
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (4, 1, 0)
    assert bench.failures(job.id) == []
