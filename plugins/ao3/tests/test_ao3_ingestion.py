"""Works through the whole engine: what is saved, and how many requests it took."""

import pytest
from workbench import LIBRARY_TABLES, Workbench

from novel_ao3_lookalike import Fault, LookalikeServer, LookalikeWork
from novel_ao3_lookalike.library import LookalikeChapter
from novel_core.library.chapters import ChapterText
from novel_core.states import JobState

URL = "https://archiveofourown.org/works/7"
INDEX = "/works/7/navigate"
WHOLE = "/works/7?view_full_work=true&view_adult=true"


def chapter_path(chapter: LookalikeChapter) -> str:
    return f"/works/7/chapters/{chapter.id}?view_adult=true"


def grow(work: LookalikeWork, chapters: int) -> None:
    while len(work.chapters) < chapters:
        work.add_chapter(chapter_bytes=200)


def saved_ids(bench: Workbench) -> list[str]:
    return [chapter.source_id for chapter in bench.chapters(URL)]


def read(bench: Workbench, chapter: LookalikeChapter) -> ChapterText:
    return bench.read(URL, f"@{chapter.id}")


def test_a_short_work_takes_two_requests(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.requests) == (JobState.DONE, 4, 3)
    assert [seen.path for seen in site.requests] == ["/robots.txt", INDEX, WHOLE]
    saved = bench.chapters(URL)
    assert [chapter.source_id for chapter in saved] == [str(part.id) for part in work.chapters]
    assert [chapter.title for chapter in saved] == [part.title for part in work.chapters]
    assert [chapter.published_at and chapter.published_at.date() for chapter in saved] == [
        part.day for part in work.chapters
    ]
    for part in work.chapters:
        assert read(bench, part).content_html == "\n".join(part.paragraphs)


def test_an_update_of_an_unchanged_work_takes_two_requests(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    before = bench.dump("chapter_texts")
    for _ in range(3):
        site.clear()
        work.hits += 100
        work.counts["kudos"] += 1
        job = bench.ingest(URL)
        assert site.paths(pages_only=True) == [INDEX, chapter_path(work.chapters[0])]
        assert (job.chapters["unchanged"], job.chapters["changed"]) == (4, 0)
    assert bench.dump("chapter_texts") == before
    assert bench.novel(URL).statistics["views"] == work.hits


def test_a_long_work_takes_three_requests_and_a_new_chapter_one_more_than_none(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    grow(work, 100)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 100)
    assert site.paths(pages_only=True) == [INDEX, chapter_path(work.chapters[0]), WHOLE]
    site.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 100
    assert site.paths(pages_only=True) == [INDEX, chapter_path(work.chapters[0])]
    site.clear()
    new = work.add_chapter()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["unchanged"]) == (1, 100)
    assert site.paths(pages_only=True) == [INDEX, chapter_path(work.chapters[0]), chapter_path(new)]
    assert read(bench, new).content_html == "\n".join(new.paragraphs)


def test_where_the_large_page_fails_the_next_job_asks_for_the_chapters(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    grow(work, 25)
    site.switches.faults["/works/7"] = Fault.ORIGIN_LOST
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 1, 24)
    site.clear()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (24, 0)
    assert len(site.paths(pages_only=True)) == 26
    assert WHOLE not in site.paths(pages_only=True)


def test_a_work_of_one_chapter_keeps_its_chapter_when_it_grows(
    bench: Workbench, site: LookalikeServer
) -> None:
    work = site.library.works[7] = LookalikeWork.generate(7)
    work.chapters[0].title = ""
    job = bench.ingest(URL)
    assert (job.chapters["new"], site.paths(pages_only=True)) == (1, [INDEX, WHOLE])
    only = read(bench, work.chapters[0])
    assert (only.title, only.content_html) == (
        "Chapter 1",
        "\n".join(work.chapters[0].paragraphs),
    )
    site.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 1
    assert site.paths(pages_only=True) == [INDEX, WHOLE]
    work.planned = None
    new = work.add_chapter()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["unchanged"], job.chapters["removed"]) == (1, 1, 0)
    assert saved_ids(bench) == [str(work.chapters[0].id), str(new.id)]


def test_a_finished_work_that_goes_on_is_unfinished_again(
    bench: Workbench, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    assert bench.novel(URL).summary.status == "completed"
    work.planned = 5
    bench.ingest(URL)
    assert bench.novel(URL).summary.status == "ongoing"


def test_an_edit_is_seen_where_the_site_tells_of_it(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    first, second, third, _ = work.chapters
    first.paragraphs = ["<p>Begun anew.</p>"]
    second.paragraphs = ["<p>Mended, and dated anew.</p>"]
    second.day = second.day.replace(day=28)
    third.paragraphs = ["<p>Mended in silence.</p>"]
    site.clear()
    job = bench.ingest(URL)
    assert (job.chapters["changed"], job.chapters["unchanged"]) == (2, 2)
    assert site.paths(pages_only=True) == [INDEX, chapter_path(first), chapter_path(second)]
    assert read(bench, second).content_html == "<p>Mended, and dated anew.</p>"
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["changed"], read(bench, third).version) == (1, 2)


def test_a_new_first_chapter_takes_the_place_of_the_old_one(
    bench: Workbench, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    summary = bench.novel(URL).description_html
    work.chapters.insert(0, work.add_chapter("Foreword"))
    work.chapters.pop()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["removed"]) == (1, 0)
    assert bench.chapters(URL)[0].title == "Foreword"
    assert bench.novel(URL).description_html == summary
    assert bench.ingest(URL).chapters["unchanged"] == 5


def test_a_chapter_its_author_takes_back_is_kept(bench: Workbench, work: LookalikeWork) -> None:
    bench.ingest(URL)
    gone = work.chapters.pop(2)
    job = bench.ingest(URL)
    assert (job.chapters["total"], job.chapters["removed"]) == (3, 1)
    assert read(bench, gone).content_html == "\n".join(gone.paragraphs)


def test_the_page_shown_for_a_chapter_that_is_gone_is_not_taken_for_it(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    bench.ingest(URL)
    new = work.add_chapter()
    site.switches.faults[f"/works/7/chapters/{new.id}"] = Fault.CHAPTER_GONE
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (0, 1)
    [failure] = bench.failures(job.id)
    assert (failure.chapter_id, failure.code) == (str(new.id), "not_found")
    assert bench.value("SELECT count(*) FROM chapter_texts") == 4


def test_a_link_to_a_chapter_finds_its_work(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    chapter = work.chapters[2]
    job = bench.ingest(f"https://ao3.org/chapters/{chapter.id}")
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 4)
    assert site.paths(pages_only=True) == [f"/chapters/{chapter.id}?view_adult=true", INDEX, WHOLE]
    assert bench.novel(URL).summary.url == URL


@pytest.mark.parametrize("chapters", [1, 4, 30])
@pytest.mark.parametrize("is_held", [False, True], ids=["new", "held"])
def test_a_link_to_a_first_chapter_brings_its_works_data_too(
    bench: Workbench, site: LookalikeServer, chapters: int, is_held: bool
) -> None:
    work = site.library.works[7] = LookalikeWork.generate(7, chapters=chapters)
    if is_held:
        bench.ingest(URL)
    job = bench.ingest(f"https://ao3.org/chapters/{work.chapters[0].id}")
    assert (job.status, job.chapters["total"], job.chapters["failed"]) == (
        JobState.DONE,
        chapters,
        0,
    )
    assert bench.novel(URL).summary.title == work.title


def test_a_link_that_names_its_work_costs_nothing_more(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    link = f"http://www.archiveofourown.org/collections/x/works/007/chapters/{work.chapters[1].id}"
    assert bench.ingest(link).chapters["new"] == 4
    assert site.paths(pages_only=True) == [INDEX, WHOLE]
    assert {seen.headers["Host"] for seen in site.requests} == {"archiveofourown.org"}


@pytest.mark.parametrize("chapters", [1, 4, 30])
def test_adult_works_are_read(bench: Workbench, site: LookalikeServer, chapters: int) -> None:
    site.library.works[7] = LookalikeWork.generate(7, chapters=chapters)
    site.library.works[7].is_adult = True
    assert bench.ingest(URL).chapters["new"] == chapters
    pages = [seen for seen in site.requests if seen.path != "/robots.txt"]
    assert {seen.headers["Cookie"] for seen in pages} == {"view_adult=true"}


def test_the_archive_can_be_read_again(bench: Workbench, work: LookalikeWork) -> None:
    from novel_core.ingest.reparse import reparse_novel

    work.note, work.end_note = "<p>Before.</p>", "<p>After.</p>"
    grow(work, 25)
    bench.ingest(URL)
    work.add_chapter()
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    counts = reparse_novel(bench.runtime, bench.novel_id(URL))
    # The last chapter had the end notes; the work continued, so it was saved again without them.
    assert (counts.texts, counts.repaired, counts.failed) == (26, 0, [])
    assert bench.dump(*LIBRARY_TABLES) == before
