"""Lists by POST, a context handed on, and texts of many chapters at once: through a whole job."""

from __future__ import annotations

from dataclasses import replace

import pytest
from askingsite import TEXTS, AskingSite, by_posts, follow_by, in_batches, titled_by_context
from growing import too_steep
from toysite import ToyChapter, ToyParser, ToyWork
from workbench import Workbench

from novel_core import Access, ChapterRef, Follow, Page, PageKind, Parsed
from novel_core.db.engine import session
from novel_core.errors import JobStopped
from novel_core.ingest.planned_page import PlannedPage, joined
from novel_core.ingest.reparse import reparse_novel
from novel_core.jobs.failures import skip_page
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.steps import Step

URL = "https://toy.example/works/1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636000000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def site(work: ToyWork) -> AskingSite:
    return AskingSite(work)


def _interrupted(bench: Workbench, site: AskingSite, chapter: str) -> int:
    """A job that was stopped while it requested `chapter`."""
    switch = StopSwitch()
    site.on_chapter.append(
        lambda wanted: switch.stop(JobStopped("Stopped.")) if wanted == chapter else None
    )
    job_id = bench.submit(URL)
    assert bench.run(job_id, switch).again
    site.on_chapter.clear()
    return job_id


def test_a_list_by_post_is_several_pages_of_one_address(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, by_posts)
    work.per_page = 2
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert [chapter.source_id for chapter in bench.chapters(URL)] == ["1", "2", "3", "4", "5"]
    posts = [path for path in site.requests if path.startswith("POST")]
    assert posts == ["POST /api/list 1", "POST /api/list 2"]
    rows = bench.rows(
        "SELECT position, method, request_body, context, headers->>'x-wp-totalpages' FROM pages"
        " WHERE kind = 'index' ORDER BY position"
    )
    assert [(*row[:2], bytes(row[2]), *row[3:]) for row in rows] == [
        (0, "GET", b"", {}, None),
        (1, "POST", b"work=1&page=1", {"seen": 2}, "3"),
        (2, "POST", b"work=1&page=2", {"seen": 4}, "0"),
    ]


def test_a_resumed_job_repeats_no_post(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, by_posts)
    work.per_page = 2
    job_id = _interrupted(bench, site, "5")
    site.requests.clear()
    bench.run(job_id)
    assert bench.job(job_id).chapters["new"] == 5
    assert not any(path.startswith("POST") for path in site.requests)


def test_a_failed_post_ends_the_job_and_names_its_request(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, by_posts)
    monkeypatch.setitem(__import__("askingsite").OURS, "X-Requested-With", "nobody")
    work.per_page = 2
    job_id = bench.submit(URL)
    outcome = bench.run(job_id)
    assert outcome.error is not None
    assert outcome.error.code == "page_changed"
    assert "status 400" in outcome.error.message


def test_a_context_is_handed_back_also_by_the_archive(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    titled_by_context(monkeypatch)
    job_id = _interrupted(bench, site, "3")
    bench.run(job_id)
    assert bench.job(job_id).chapters["failed"] == 0
    counts = reparse_novel(bench.runtime, bench.novel_id(URL))
    assert (counts.texts, counts.failed) == (5, [])


def test_only_the_chapters_that_are_needed_are_requested_in_batches(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(2))
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert sorted(site.requests[1:]) == [
        "/api/texts?ids=1,2",
        "/api/texts?ids=3,4",
        "/api/texts?ids=5",
    ]
    assert bench.read(URL, "4").content_html == "<p>Text of chapter 4.</p>"
    site.requests.clear()
    assert bench.ingest(URL).requests == 1
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    work.chapters[1].marker = "edited"
    work.chapters[1].parts = ["<p>Edited.</p>"]
    site.requests.clear()
    job = bench.ingest(URL)
    assert site.requests == ["/works/1", "/api/texts?ids=2,6"]
    assert (job.chapters["new"], job.chapters["changed"]) == (1, 1)


def test_an_id_that_a_batch_lacks_is_the_only_gap(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(5))
    work.withheld = {"2", "4"}
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (3, 2)
    [failure] = bench.failures(job.id)
    assert "no text of chapters 2, 4" in failure.message
    work.withheld = {"4"}
    site.requests.clear()
    job = bench.ingest(URL)
    assert site.requests == ["/works/1", "/api/texts?ids=2,4"]
    assert (job.chapters["new"], job.chapters["failed"]) == (1, 1)


def _with_locked(monkeypatch: pytest.MonkeyPatch, locked: set[str]) -> None:
    """Let each page of texts say which of its chapters are locked."""
    whole = ToyParser.parse

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        if page.kind is not PageKind.CHAPTER:
            return parsed
        lines = [
            ChapterRef(source_id=one, title=one, url=page.url, access=Access.LOCKED)
            for one in sorted(locked)
        ]
        return replace(parsed, items=[*parsed.items, *lines])

    monkeypatch.setattr(ToyParser, "parse", parse)


def _rested(bench: Workbench) -> None:
    """Let the day pass in which a locked chapter rests."""
    for table, column in (("pages", "fetched_at"), ("chapters", "locked_at")):
        bench.write(f"UPDATE {table} SET {column} = {column} - interval '25 hours'")


def test_a_locked_chapter_of_a_batch_is_no_gap(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = {"2"}
    follow_by(monkeypatch, in_batches(5))
    _with_locked(monkeypatch, locked)
    work.withheld = {"2", "4"}
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (3, 1, 1)
    assert [failure.message for failure in bench.failures(job.id)] == [
        "The page has no text of chapter 4."
    ]
    # It rests for a day; the others do not.
    site.requests.clear()
    job = bench.ingest(URL)
    assert site.requests == ["/works/1", "/api/texts?ids=4"]
    assert (job.chapters["locked"], job.chapters["failed"]) == (1, 1)
    # A page without any text: one of its chapters is locked, the other one a gap.
    _rested(bench)
    site.requests.clear()
    job = bench.ingest(URL)
    assert site.requests == ["/works/1", "/api/texts?ids=2,4"]
    assert (job.chapters["locked"], job.chapters["failed"]) == (1, 1)
    # All of its chapters are locked.
    locked.add("4")
    _rested(bench)
    job = bench.ingest(URL)
    assert (job.chapters["locked"], job.chapters["failed"]) == (2, 0)
    assert bench.failures(job.id) == []
    # The saved text of a chapter that gets locked is kept, and no chapter stays locked without an end.
    locked.clear()
    locked.add("1")
    work.withheld = {"1"}
    work.chapters[0].marker = "edited"
    _rested(bench)
    job = bench.ingest(URL)
    assert site.requests[-1] == "/api/texts?ids=1,2,4"
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (2, 0, 0)
    assert job.chapters["unchanged"] == 3
    assert bench.read(URL, "1").content_html == "<p>Text of chapter 1.</p>"
    # Its new text is requested, once a day, until it comes.
    locked.clear()
    work.withheld = set()
    assert bench.ingest(URL).requests == 1
    _rested(bench)
    work.chapters[0].parts = ["<p>Edited.</p>"]
    assert bench.ingest(URL).chapters["changed"] == 1


def test_a_chapter_that_a_page_with_others_says_to_be_locked_stays_so_in_a_reparse(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(5))
    work.withheld = {"2", "4"}
    _with_locked(monkeypatch, {"2", "4"})
    assert bench.ingest(URL).chapters["locked"] == 2
    access = "SELECT source_chapter_id FROM chapters WHERE access = 'locked' ORDER BY number"
    for _ in range(2):
        reparse_novel(bench.runtime, bench.novel_id(URL))
        assert [row[0] for row in bench.rows(access)] == ["2", "4"]
        # Long after, too: until a page says otherwise.
        _rested(bench)
    monkeypatch.undo()
    follow_by(monkeypatch, in_batches(5))
    work.withheld = {"4"}
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (1, 0, 1)
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.rows(access) == []


def test_a_recheck_of_everything_requests_a_locked_chapter_too(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(5))
    work.withheld = {"2"}
    with pytest.MonkeyPatch.context() as patch:
        _with_locked(patch, {"2"})
        assert bench.ingest(URL).chapters["locked"] == 1
    work.withheld = set()
    assert bench.ingest(URL).chapters["locked"] == 1
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["new"], job.chapters["locked"]) == (1, 0)


def test_a_resumed_job_requests_the_other_batches_only(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(2))
    site.picture = PNG
    work.chapters[0].parts = ['<p>One.</p><p><img src="https://toy.example/works/1/a.png"></p>']
    monkeypatch.setattr(bench.runtime.settings.sources["toysite"], "concurrency", 1)
    job_id = _interrupted(bench, site, "3")
    assert bench.value("SELECT count(*) FROM pages WHERE kind = 'image'") == 0
    # A chapter of the first batch that comes after it changes no other batch.
    asked = set(site.requests)
    site.requests.clear()
    bench.run(job_id)
    again = asked.intersection(site.requests) - {"/robots.txt", "/works/1"}
    assert not any("ids=1,2" in path for path in again)
    job = bench.job(job_id)
    assert (job.chapters["new"], job.chapters["failed"]) == (5, 0)
    assert bench.value("SELECT count(*) FROM pages WHERE kind = 'image' AND size > 0") == 1


def test_one_chapter_in_two_batches_is_requested_once(
    bench: Workbench, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = in_batches(5)
    follow_by(monkeypatch, lambda page, parsed: [*make(page, parsed), *make(page, parsed)])
    assert bench.ingest(URL).chapters["new"] == 5
    assert site.requests == ["/works/1", "/api/texts?ids=1,2,3,4,5"]


def test_posts_of_one_address_fail_each_for_itself(
    bench: Workbench, work: ToyWork, site: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = in_batches(2, url=TEXTS, method="POST", body=b"ids={ids}")
    follow_by(monkeypatch, posted)
    work.withheld = {"1", "2", "4"}
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (2, 3)
    assert sorted(failure.chapter_ids for failure in bench.failures(job.id)) == [
        ("1", "2"),
        ("4",),
    ]
    assert len({failure.url for failure in bench.failures(job.id)}) == 2
    work.withheld = set()
    site.requests.clear()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (3, 0)
    assert len(site.requests) == 3


def test_a_post_that_hangs_costs_no_other_page_of_its_address(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_by(monkeypatch, in_batches(2, url=TEXTS, method="POST", body=b"ids={ids}"))
    job = bench.ingest(URL)
    key = Follow(TEXTS, PageKind.CHAPTER, method="POST", body=b"ids=3,4").key
    with session(bench.database) as opened:
        assert skip_page(opened, job.id, Step("Parsing", key))
    rows = bench.rows("SELECT chapter_ids, problem FROM pages WHERE kind = 'chapter' ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        (["1", "2"], None),
        (["3", "4"], "page_too_slow"),
        (["5"], None),
    ]
    [failure] = bench.failures(job.id)
    assert (failure.url, failure.chapter_ids) == (key, ("3", "4"))


def test_joined_follows_keep_the_first_context_and_all_markers() -> None:
    def named(chapter: str, **more: object) -> Follow:
        return Follow(TEXTS, PageKind.CHAPTER, chapters=(chapter,), **more)  # type: ignore[arg-type]

    first = named("1", markers=("a",), context={"by": 1}, is_optional=True)
    both = joined([first, named("2", context={"by": 2}, is_optional=True)])
    assert (both.chapters, both.markers) == (("1", "2"), ("a", None))
    assert (both.context, both.is_optional) == ({"by": 1}, True)
    assert not joined([first, named("2")]).is_optional
    other = Follow(TEXTS, PageKind.INDEX, chapters=("3",))
    assert joined([first, other]).chapters == ("1",)


@pytest.mark.growth
def test_many_follows_of_one_page_cost_no_square() -> None:
    def one_by_one(count: int) -> None:
        chapters = (
            Follow(TEXTS, PageKind.CHAPTER, chapters=(str(number),)) for number in range(count)
        )
        planned = PlannedPage([next(chapters)])
        for follow in chapters:
            planned.add([follow])
        assert len(planned.follow.chapters) == count

    assert too_steep(one_by_one, (2_000, 8_000, 32_000)) is None
