"""A series as a novel of whole works: its pages, and through the whole engine."""

import pytest
from workbench import Workbench

from novel_ao3 import SOURCE
from novel_ao3_lookalike import (
    Creator,
    LookalikeSeries,
    LookalikeServer,
    LookalikeWork,
    State,
    archived,
)
from novel_core.items import Access, Chapter, ChapterRef, Novel, NovelStatus
from novel_core.page import Follow, Parsed
from novel_core.source import PageKind

URL = "https://archiveofourown.org/series/5"


@pytest.fixture
def works() -> list[LookalikeWork]:
    return [LookalikeWork.generate(number, chapters=number % 3 + 1) for number in range(11, 16)]


def parse(one: LookalikeSeries, works: list[LookalikeWork], number: int = 1) -> Parsed:
    return SOURCE.parser().parse(archived.series(one, works, number))


def test_the_data_of_a_series(works: list[LookalikeWork]) -> None:
    one = LookalikeSeries(
        5,
        "Five & a Half 🚲",
        [],
        [Creator("inkpot"), Creator("quill", "A Feather")],
        is_complete=True,
    )
    one.notes = "<p>In any order.</p>"
    works[1].tags["fandom"] = ["Something Else", "Harbour Lights (Radio Play)"]
    novel, *_ = parse(one, works).items
    assert isinstance(novel, Novel)
    assert (novel.source_id, novel.url, novel.title) == ("series-5", URL, "Five & a Half 🚲")
    assert [author.name for author in novel.authors] == ["A Feather (quill)", "inkpot"]
    assert [author.source_id for author in novel.authors] == ["quill/A%20Feather", "inkpot/inkpot"]
    assert novel.description_html == "<p>Works that belong together.</p>\n<p>In any order.</p>"
    assert (novel.status, novel.type) == (NovelStatus.COMPLETED, "Series")
    assert [tag.name for tag in novel.tags] == ["Harbour Lights (Radio Play)", "Something Else"]
    assert novel.statistics.words == sum(work.words for work in works)
    assert novel.statistics.other == {"works": 5}
    assert novel.published_at
    assert novel.published_at.date().isoformat() == "2024-03-08"


def test_each_work_is_a_chapter(works: list[LookalikeWork]) -> None:
    works[2].state = State.UNREVEALED
    works[3].creators = []
    one = LookalikeSeries(5, "Five", [])
    parsed = parse(one, works)
    refs = [item for item in parsed.items if isinstance(item, ChapterRef)]
    assert [ref.source_id for ref in refs] == [f"work-{work.id}" for work in works]
    assert [ref.access for ref in refs].index(Access.LOCKED) == 2
    assert (refs[2].title, refs[2].marker) == ("Mystery Work", None)
    assert [ref.title for ref in refs if ref is not refs[2]] == [
        work.title for work in works if work is not works[2]
    ]
    assert refs[0].marker == str(works[0].updated_at)
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert [(author.name, author.source_id) for author in novel.authors] == [("Anonymous", None)]
    assert parsed.follow[0] == Follow(
        "https://archiveofourown.org/works/11?view_full_work=true",
        PageKind.CHAPTER,
        chapters=("work-11",),
        markers=(str(works[0].updated_at),),
    )
    assert len(parsed.follow) == 4


def test_a_blurb_without_its_time_is_marked_by_what_it_shows(works: list[LookalikeWork]) -> None:
    page = archived.series(LookalikeSeries(5, "Five", []), works)
    body = page.body.replace(b"updated_at=", b"nothing=")
    bare = archived.page(body.decode(), page.url)
    refs = [item for item in SOURCE.parser().parse(bare).items if isinstance(item, ChapterRef)]
    assert refs[0].marker == f"22 Mar 2024 {works[0].words:,} 3/3"


def test_a_list_of_two_pages(works: list[LookalikeWork]) -> None:
    one = LookalikeSeries(5, "Five", [], per_page=3)
    first, second = parse(one, works), parse(one, works, 2)
    assert first.follow[0] == Follow(f"{URL}?page=2", PageKind.INDEX, position=1)
    assert not any(follow.kind is PageKind.INDEX for follow in second.follow)
    assert [item.source_id for item in second.items] == ["work-14", "work-15"]


def test_a_work_of_a_series_is_one_text() -> None:
    work = LookalikeWork.generate(11, chapters=2)
    work.note, work.end_note = "<p>Hello.</p>", "<p>Bye.</p>"
    work.chapters[1].title = "Tea < Coffee"
    work.chapters[1].note = "<p>On tea.</p>"
    for chapter in work.chapters:
        chapter.paragraphs = [f"<p>Text {chapter.position}.</p>"]
    page = archived.whole(work, chapters=("work-11",))
    [chapter] = SOURCE.parser().parse(page).items
    assert isinstance(chapter, Chapter)
    assert (chapter.source_id, chapter.title) == ("work-11", work.title)
    assert chapter.content_html == (
        f"<h2>{work.chapters[0].title}</h2>\n<p>Text 1.</p>\n<h2>Tea &lt; Coffee</h2>\n"
        "<blockquote><p>On tea.</p></blockquote>\n<p>Text 2.</p>"
    )
    assert chapter.note_before_html.endswith("<h4>Notes</h4>\n<p>Hello.</p>")
    assert work.summary in chapter.note_before_html
    assert chapter.note_after_html == "<p>Bye.</p>"


def test_a_series_is_saved_and_kept_up_to_date(
    site: LookalikeServer, works: list[LookalikeWork], bench: Workbench
) -> None:
    one = LookalikeSeries(5, "Five", [work.id for work in works], per_page=3)
    site.library.works = {work.id: work for work in works}
    site.library.series = {5: one}
    job = bench.ingest(f"{URL}?page=2")
    assert (job.status, job.chapters["new"]) == ("done", 5)
    assert site.paths(pages_only=True)[:2] == ["/series/5", "/series/5?page=2"]
    assert len(site.paths(pages_only=True)) == 7
    assert [chapter.title for chapter in bench.chapters(URL)] == [work.title for work in works]
    site.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 5
    assert site.paths(pages_only=True) == ["/series/5", "/series/5?page=2"]
    works[3].add_chapter("One More")
    works[4].updated_at += 1  # its creator's name, or a skin
    works[1].state = State.LOCKED
    site.clear()
    job = bench.ingest(URL)
    assert (job.chapters["changed"], job.chapters["removed"], len(site.paths(pages_only=True))) == (
        1,
        1,
        4,
    )
    assert "One More" in bench.read(URL, "@work-14").content_html


def test_a_work_revealed_later_gets_its_text(
    site: LookalikeServer, works: list[LookalikeWork], bench: Workbench
) -> None:
    site.library.works = {work.id: work for work in works}
    site.library.series = {5: LookalikeSeries(5, "Five", [work.id for work in works])}
    works[2].state = State.UNREVEALED
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"], job.chapters["failed"]) == (4, 1, 0)
    works[2].state = State.OPEN
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["locked"]) == (1, 0)
    assert bench.chapters(URL)[2].title == works[2].title
