"""Pages with many chapters, of which the list does not say exactly which page has which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import pytest
from aiohttp import web
from toysite import ROOT, ToyChapter, ToyParser, ToySite, ToyWork
from workbench import Workbench

from novel_core import Follow, Page, PageKind, Parsed
from novel_core.errors import JobStopped
from novel_core.items import Chapter, ChapterRef
from novel_core.jobs.stop_switch import StopSwitch

URL = f"{ROOT}/works/1"


class ReaderSite(ToySite):
    """Its reader shows two chapters a page; `shown` has the chapters of each page."""

    def __init__(self, work: ToyWork) -> None:
        super().__init__(work)
        self.work = work
        self.shown = ["12", "34", "5"]
        self.has_validators = False

    def app(self) -> web.Application:
        app = super().app()
        app.router.add_get("/reader/{page}", self._reader)
        return app

    async def _reader(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        page = request.match_info["page"]
        for call in self.on_chapter:
            call(page)
        on_page = self.shown[int(page)]
        texts = {one.id: one.parts[0] for one in self.work.chapters if one.id in on_page}
        if self.has_validators and "If-None-Match" in request.headers:
            raise web.HTTPNotModified
        etag = {"ETag": f'"{page}"'} if self.has_validators else None
        return web.json_response({"id": "1", "texts": texts}, headers=etag)

    @property
    def readings(self) -> list[str]:
        return [path for path in self.requests if path.startswith("/reader")]


@pytest.fixture
def site(work: ToyWork) -> ReaderSite:
    return ReaderSite(work)


#: Whether a page gives all of its texts, or only those that it is read for.
GIVES_ALL = [False]


@pytest.fixture(autouse=True)
def _by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list says the reader's page by the place of each chapter: two are on a page.

    A page that lacks a chapter leads to the next one, as an author would write it.
    """
    GIVES_ALL[0] = False
    whole = ToyParser.parse

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        if page.kind is PageKind.INDEX:
            refs = [one for one in parsed.items if isinstance(one, ChapterRef)]
            return replace(parsed, follow=list(_pages(refs)))
        texts = {one.source_id: one for one in parsed.items if isinstance(one, Chapter)}
        missing = tuple(one for one in page.chapters if one not in texts)
        following = int(page.url.rpartition("/")[2]) + 1
        follow = [Follow(f"{ROOT}/reader/{following}", PageKind.CHAPTER, chapters=missing)]
        # As of a table without a link for each chapter.
        texts = {key: one.model_copy(update={"url": page.url}) for key, one in texts.items()}
        given = [one for key, one in texts.items() if GIVES_ALL[0] or key in page.chapters]
        return replace(parsed, items=given, follow=follow if missing and following < 3 else ())

    monkeypatch.setattr(ToyParser, "parse", parse)


def _pages(refs: Sequence[ChapterRef]) -> list[Follow]:
    placed = groupby(enumerate(refs), key=lambda pair: pair[0] // 2)
    return [
        Follow.chapters_on(f"{ROOT}/reader/{page}", [ref for _, ref in pairs])
        for page, pairs in placed
    ]


def warnings(bench: Workbench, job_id: int) -> list[str]:
    return [event.message for event in bench.events(job_id) if event.kind == "warning"]


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("shown", [["1", "23", "45"], ["", "1", "2345"], ["12", "", "345"]])
def test_a_chapter_that_stands_on_a_later_page_of_the_job_is_read_there(
    bench: Workbench,
    site: ReaderSite,
    monkeypatch: pytest.MonkeyPatch,
    shown: list[str],
    concurrency: int,
) -> None:
    monkeypatch.setattr(bench.runtime.settings.sources["toysite"], "concurrency", concurrency)
    site.shown = shown
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 5, 0)
    assert sorted(site.readings) == ["/reader/0", "/reader/1", "/reader/2"]
    assert (bench.failures(job.id), warnings(bench, job.id)) == ([], [])
    assert [bench.read(URL, number).url for number in "12345"] == [
        f"{URL}/{one}" for one in "12345"
    ]
    site.requests.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 5
    assert site.readings == []


@pytest.mark.parametrize("stopped_at", ["0", "1", "2"])
def test_a_resumed_job_requests_no_page_again(
    bench: Workbench, site: ReaderSite, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    monkeypatch.setattr(bench.runtime.settings.sources["toysite"], "concurrency", 1)
    site.shown = ["1", "23", "45"]
    switch = StopSwitch()
    site.on_chapter.append(
        lambda page: switch.stop(JobStopped("Stopped.")) if page == stopped_at else None
    )
    job_id = bench.submit(URL)
    assert bench.run(job_id, switch).again
    site.on_chapter.clear()
    bench.run(job_id)
    assert bench.job(job_id).chapters["new"] == 5
    assert sorted(site.readings) == ["/reader/0", "/reader/1", "/reader/2"]
    assert bench.failures(job_id) == []


def test_texts_that_a_page_gives_beyond_its_request_are_no_failure(
    bench: Workbench, site: ReaderSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    GIVES_ALL[0] = True
    site.shown = ["", "12", "345"]
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert (bench.failures(job.id), warnings(bench, job.id)) == ([], [])


def test_other_texts_of_a_page_without_the_one_requested_are_saved(
    bench: Workbench, site: ReaderSite, work: ToyWork
) -> None:
    GIVES_ALL[0] = True
    site.shown = ["34", "", "5"]
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (3, 2)
    assert {failure.chapter_ids for failure in bench.failures(job.id)} == {("1", "2")}
    # Opened again, it requests what the pages lacked.
    site.shown = ["12", "34", "5"]
    bench.write("UPDATE jobs SET status = 'queued'")
    bench.run(job.id)
    assert bench.job(job.id).chapters["failed"] == 0


def test_a_missing_chapter_is_one_that_was_needed(
    bench: Workbench, site: ReaderSite, work: ToyWork
) -> None:
    assert bench.ingest(URL).chapters["new"] == 5
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    # Chapter 5 is saved and unchanged; its page has neither.
    site.shown = ["12", "34", ""]
    job = bench.ingest(URL)
    assert (job.chapters["unchanged"], job.chapters["failed"]) == (5, 1)
    [failure] = bench.failures(job.id)
    assert failure.chapter_ids == ("6",)
    assert failure.message == "The page has no text of chapter 6."
    site.shown = ["12", "34", "56"]
    assert bench.ingest(URL).chapters["new"] == 1


def test_an_edit_that_did_not_come_is_a_gap_until_it_comes(
    bench: Workbench, site: ReaderSite, work: ToyWork
) -> None:
    work.chapters[2].marker = "v1"
    bench.ingest(URL)
    work.chapters[2] = replace(work.chapters[2], marker="v2", parts=["<p>Better.</p>"])
    site.shown = ["12", "4", "5"]
    job = bench.ingest(URL)
    counts = {name: job.chapters[name] for name in ("changed", "unchanged", "failed")}
    assert counts == {"changed": 0, "unchanged": 4, "failed": 1}
    assert warnings(bench, job.id) == [
        "The new texts of these chapters did not come; the next update requests them again: 3."
    ]
    assert bench.read(URL, "3").content_html == "<p>Text of chapter 3.</p>"
    # An edited chapter that has moved: its marker is known from the list only.
    site.shown = ["12", "4", "35"]
    job = bench.ingest(URL)
    assert (job.chapters["changed"], job.chapters["failed"], bench.failures(job.id)) == (1, 0, [])


def test_a_page_that_is_not_modified_is_requested_for_a_further_chapter(
    bench: Workbench, site: ReaderSite, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its archived answer has no text: only such a page is requested twice."""
    monkeypatch.setattr(bench.runtime.settings.sources["toysite"], "concurrency", 1)
    site.has_validators = True
    bench.ingest(URL)
    # Chapter 5, alone on its page, is checked again; chapter 4 has changed and moved there.
    work.chapters[3].marker = work.chapters[4].marker = "v2"
    site.shown = ["12", "3", "45"]
    monkeypatch.setattr(
        bench.runtime.registry.get("toysite").spider(),
        "order",
        lambda _, follows: sorted(follows, key=lambda one: one.url, reverse=True),
    )
    site.requests.clear()
    job = bench.ingest(URL)
    assert (job.chapters["failed"], bench.failures(job.id)) == (0, [])
    assert site.readings == ["/reader/2", "/reader/1", "/reader/2"]
