"""A novel without a list: an update goes on from its last saved chapter, and no walk is without end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toysite import ROOT, ToyChapter, ToyParser, ToySite, ToyWork
from workbench import Workbench

from novel_core import Follow, Page, PageKind, Parsed
from novel_core.errors import JobStopped, PageChanged
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import JobView
from novel_core.states import JobState

URL = "https://toy.example/works/1"


@pytest.fixture(autouse=True)
def walked(work: ToyWork) -> None:
    work.walked = True


def _asked(site: ToySite) -> list[str]:
    """The paths since the last look, after the novel's own page."""
    asked, site.requests[:] = list(site.requests), []
    assert asked[0] == "/works/1"
    return [path.removeprefix("/works/1/") for path in asked[1:]]


def _warnings(bench: Workbench, job: JobView) -> list[str]:
    return [event.message for event in bench.events(job.id) if event.kind == "warning"]


def _order(bench: Workbench) -> str:
    return "".join(chapter.source_id for chapter in bench.chapters(URL))


def _leading_back(monkeypatch: pytest.MonkeyPatch, **leads: str) -> None:
    """Let chapters' pages name another next one: `c5="2"`."""
    whole = ToyParser.parse

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        target = leads.get(f"c{page.url.rpartition('/')[2]}")
        if page.kind is not PageKind.CHAPTER or target is None:
            return parsed
        follow = Follow.next_chapter(f"{ROOT}/works/1/{target}", target)
        return replace(parsed, follow=[follow])

    monkeypatch.setattr(ToyParser, "parse", parse)


def test_an_update_reads_the_last_saved_page_again(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    site.validators = True
    bench.ingest(URL)
    assert _asked(site) == ["1", "2", "3", "4", "5"]
    job = bench.ingest(URL)
    assert (job.status, job.chapters["unchanged"]) == (JobState.DONE, 5)
    assert _asked(site) == ["5"]
    work.chapters += [ToyChapter(one, f"Chapter {one}", [f"<p>{one}</p>"]) for one in ("6", "7")]
    job = bench.ingest(URL)
    assert _asked(site) == ["5", "6", "7"]
    assert (job.chapters["total"], job.chapters["new"]) == (7, 2)
    assert _order(bench) == "1234567"
    assert _warnings(bench, job) == []


def test_the_last_chapter_may_have_several_pages(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[4].parts.append("<p>And more.</p>")
    bench.ingest(URL)
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>6</p>"]))
    _asked(site)
    job = bench.ingest(URL)
    assert _asked(site) == ["5", "5?part=1", "6"]
    assert (job.chapters["new"], job.chapters["changed"]) == (1, 0)


def test_the_last_chapter_is_requested_with_what_its_follow_carried(
    bench: Workbench, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ToyParser.parse
    contexts: list[object] = []

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        if page.kind is PageKind.CHAPTER:
            contexts.append(page.context.get("at"))
        follow = [replace(one, context={"at": one.chapters[0]}) for one in parsed.follow]
        return replace(parsed, follow=follow)

    monkeypatch.setattr(ToyParser, "parse", parse)
    bench.ingest(URL)
    contexts.clear()
    bench.ingest(URL)
    assert set(contexts) == {"5"}
    assert site.requests[-1] == "/works/1/5"


def test_a_gap_in_the_middle_is_requested_by_its_own_address(
    bench: Workbench, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, follow = ToyParser._text, ToyParser.follow

    def broken(self: ToyParser, work: str, chapter: str, *rest: object) -> object:
        if chapter == "3":
            raise PageChanged("It has no text.")
        return text(self, work, chapter, *rest)  # type: ignore[arg-type]

    def links(self: ToyParser, page: Page) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ToyParser, "_text", text)
            return follow(self, page)

    monkeypatch.setattr(ToyParser, "_text", broken)
    monkeypatch.setattr(ToyParser, "follow", links)
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (4, 1)
    monkeypatch.undo()
    _asked(site)
    job = bench.ingest(URL)
    assert sorted(_asked(site)) == ["3", "5"]
    assert (job.chapters["new"], job.chapters["failed"]) == (1, 0)
    assert _order(bench) == "12345"
    assert _warnings(bench, job) == []


def test_rechecked_chapters_are_requested_by_their_own_addresses(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    _asked(site)
    work.chapters[3].parts = ["<p>Edited.</p>"]
    job = bench.ingest(URL, recheck=2)
    assert sorted(_asked(site)) == ["4", "5"]
    assert job.chapters["changed"] == 1
    assert _warnings(bench, job) == []
    job = bench.ingest(URL, recheck="all")
    assert _asked(site) == ["1", "2", "3", "4", "5"]
    assert _warnings(bench, job) == []


def test_a_resumed_walk_requests_nothing_again(bench: Workbench, site: ToySite) -> None:
    switch = StopSwitch()
    site.on_chapter.append(
        lambda chapter: switch.stop(JobStopped("Stopped.")) if chapter == "3" else None
    )
    job_id = bench.submit(URL)
    assert bench.run(job_id, switch).again
    site.on_chapter.clear()
    before = list(site.requests)
    site.requests.clear()
    bench.run(job_id)
    assert not set(before) & set(site.requests) - {"/works/1/3"}
    assert bench.job(job_id).chapters["new"] == 5


def test_a_resumed_update_requests_nothing_again(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    work.chapters += [ToyChapter(one, f"Chapter {one}", [f"<p>{one}</p>"]) for one in "678"]
    switch = StopSwitch()
    site.on_chapter.append(
        lambda chapter: switch.stop(JobStopped("Stopped.")) if chapter == "7" else None
    )
    job_id = bench.submit(URL)
    assert bench.run(job_id, switch).again
    site.on_chapter.clear()
    site.requests.clear()
    bench.run(job_id)
    assert site.requests in (["/works/1/7", "/works/1/8"], ["/works/1/8"])
    job = bench.job(job_id)
    assert (job.chapters["total"], job.chapters["new"]) == (8, 3)


@pytest.mark.parametrize("target", ["5", "2", "1"])
def test_a_walk_that_leads_back_ends_with_words(
    bench: Workbench, work: ToyWork, site: ToySite, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    _leading_back(monkeypatch, c5=target, c7=target)
    words = f"leads back to chapter {target}: the walk ends there."
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 5, 0)
    assert _warnings(bench, job) == [f"Chapter 5 {words}"]
    assert _asked(site) == ["1", "2", "3", "4", "5"]
    job = bench.ingest(URL)
    assert _warnings(bench, job) == [f"Chapter 5 {words}"]
    assert _asked(site) == ["5"]


def test_a_new_chapter_that_leads_back_ends_the_walk(
    bench: Workbench, work: ToyWork, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>6</p>"]))
    _leading_back(monkeypatch, c6="1")
    _asked(site)
    job = bench.ingest(URL)
    assert _warnings(bench, job) == ["Chapter 6 leads back to chapter 1: the walk ends there."]
    assert _asked(site) == ["5", "6"]


def test_a_walk_is_bounded_and_the_next_update_goes_on(bench: Workbench, site: ToySite) -> None:
    settings = bench.runtime.settings.model_copy(update={"max_walk": 2})
    bench.runtime = replace(bench.runtime, settings=settings)
    job = bench.ingest(URL)
    assert job.chapters["new"] == 2
    assert len([one for one in _warnings(bench, job) if "NOVEL_MAX_WALK" in one]) == 1
    assert _asked(site) == ["1", "2"]
    job = bench.ingest(URL)
    assert _asked(site) == ["2", "3", "4"]
    assert (job.chapters["new"], _order(bench)[:4]) == (2, "1234")


def test_an_update_goes_on_before_a_last_chapter_that_is_gone(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    last = work.chapters.pop()
    _asked(site)
    job = bench.ingest(URL)
    assert any("Chapter 5 is gone" in one for one in _warnings(bench, job))
    assert job.status == JobState.DONE
    work.chapters.append(ToyChapter("5b", "Chapter 5b", ["<p>Instead.</p>"]))
    _asked(site)
    job = bench.ingest(URL)
    assert _asked(site) == ["4", "5b"]
    assert job.chapters["new"] == 1
    work.chapters.insert(4, last)
    assert bench.read(URL, "5").content_html == "<p>Text of chapter 5.</p>"


def test_a_last_chapter_that_comes_back_is_walked_through(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    bench.ingest(URL)
    last = work.chapters.pop()
    bench.ingest(URL)
    work.chapters += [last, ToyChapter("6", "Chapter 6", ["<p>6</p>"])]
    _asked(site)
    job = bench.ingest(URL)
    assert _asked(site) == ["4", "5", "6"]
    assert (job.chapters["new"], _order(bench)) == (1, "123456")
    assert _warnings(bench, job) == []
