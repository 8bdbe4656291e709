"""What is read of a work: its data, its index, the byline in every case."""

from datetime import UTC, datetime

import pytest

from novel_ao3 import SOURCE
from novel_ao3_lookalike import Creator, LookalikeWork, SiteSwitches, archived
from novel_core.errors import PageChanged
from novel_core.items import ChapterRef, Novel, NovelStatus, TagKind
from novel_core.page import Follow, Page, Stated
from novel_core.source import PageKind

WORK = "https://archiveofourown.org/works/7"


def novel_of(page: Page) -> Novel:
    [novel] = [item for item in SOURCE.parser().parse(page).items if isinstance(item, Novel)]
    return novel


def refs_of(page: Page) -> list[ChapterRef]:
    items = SOURCE.parser().parse(page).items
    return [item for item in items if isinstance(item, ChapterRef)]


def names(work: LookalikeWork) -> list[tuple[str, str | None]]:
    return [(author.name, author.source_id) for author in novel_of(archived.whole(work)).authors]


def test_the_data_of_a_finished_work() -> None:
    work = LookalikeWork.generate(7, chapters=7)
    work.title = "I <3 Plums & Rain 👩‍👧"
    work.summary = "<p>Of <em>plums</em>.</p>"
    work.counts = {"comments": 1204, "kudos": 12, "bookmarks": 263}
    work.hits = 19592
    work.collections = ["autumn", "plums"]
    novel = novel_of(archived.whole(work))
    assert (novel.source_id, novel.url, novel.title) == ("7", WORK, "I <3 Plums & Rain 👩‍👧")
    assert (novel.description_html, novel.type) == ("<p>Of <em>plums</em>.</p>", "Work")
    assert (novel.status, novel.language) == (NovelStatus.COMPLETED, "en")
    assert (novel.statistics.words, novel.statistics.views) == (work.words, 19592)
    assert novel.statistics.other == {
        "comments": 1204,
        "kudos": 12,
        "bookmarks": 263,
        "collections": 2,
    }
    assert novel.published_at == datetime(2024, 3, 8, tzinfo=UTC)
    assert novel.updated_at == datetime(2024, 4, 19, tzinfo=UTC)
    assert novel.warnings == ("No Archive Warnings Apply",)


def test_a_chapters_page_tells_the_same_as_the_whole_work() -> None:
    work = LookalikeWork.generate(7, chapters=3)
    assert novel_of(archived.chapter(work, 1, PageKind.INDEX)) == novel_of(archived.whole(work))


@pytest.mark.parametrize(
    ("posted", "planned", "status"),
    [
        (1, 1, NovelStatus.COMPLETED),
        (1, None, NovelStatus.ONGOING),
        (1, 5, NovelStatus.ONGOING),
        (3, 3, NovelStatus.COMPLETED),
        (3, 4, NovelStatus.ONGOING),
        (3, None, NovelStatus.ONGOING),
    ],
)
def test_a_work_is_finished_when_all_that_was_planned_is_posted(
    posted: int, planned: int | None, status: NovelStatus
) -> None:
    work = LookalikeWork.generate(7, chapters=posted)
    work.planned = planned
    novel = novel_of(archived.whole(work))
    assert novel.status is status
    assert novel.updated_at
    assert novel.updated_at.date() == work.chapters[-1].day


def test_what_a_work_does_not_tell_is_left_out() -> None:
    work = LookalikeWork.generate(7)
    work.summary, work.counts = "", {}
    work.tags = {"rating": ["Not Rated"], "warning": ["No Archive Warnings Apply"]}
    work.note = "<p>Not a summary.</p>"
    work.language = ("中文", "中文-普通话 國語")
    novel = novel_of(archived.whole(work))
    assert (novel.description_html, novel.language, novel.statistics.other) == ("", None, {})
    assert [tag.name for tag in novel.tags] == ["Not Rated"]


def test_numbers_the_page_does_not_show_are_not_made_up() -> None:
    page = archived.whole(LookalikeWork.generate(7, chapters=2))
    bare = page.text.replace('<dd class="chapters">', "<dd>").replace('<dd class="words">', "<dd>")
    novel = novel_of(archived.page(bare, page.url))
    assert (novel.status, novel.statistics.words) == (None, None)


def test_tags_are_taken_whole_and_by_kind() -> None:
    work = LookalikeWork.generate(7)
    work.tags = {
        "rating": ["Explicit"],
        "warning": ["Rape/Non-Con", "Underage Sex", "Major Character Death"],
        "category": ["F/F", "Gen", "Other"],
        "fandom": ["雨 | Rain & Co.", "Why? #1 (TV)"],
        "relationship": ["Ansa/Borin", "Ansa & Edda, later"],
        "character": ["Ansa"],
        "freeform": ["no beta, we drown", "AU: no sea"],
    }
    novel = novel_of(archived.whole(work))
    assert novel.warnings == tuple(work.tags["warning"])
    found = {kind: [tag.name for tag in novel.tags if tag.kind is kind] for kind in TagKind}
    assert found == {
        TagKind.GENRE: [],
        TagKind.TAG: work.tags["freeform"],
        TagKind.FANDOM: work.tags["fandom"],
        TagKind.RELATIONSHIP: work.tags["relationship"],
        TagKind.CHARACTER: work.tags["character"],
        TagKind.CATEGORY: work.tags["category"],
        TagKind.RATING: work.tags["rating"],
    }
    slugs = {tag.name: tag.slug for tag in novel.tags}
    assert slugs["Why? #1 (TV)"] == "Why*q* *h*1 (TV)"
    assert slugs["Ansa/Borin"] == "Ansa*s*Borin"


@pytest.mark.parametrize(
    ("creators", "byline", "expected"),
    [
        ([Creator("inkpot")], "", [("inkpot", "inkpot/inkpot")]),
        ([Creator("inkpot", "Ink")], "", [("Ink (inkpot)", "inkpot/Ink")]),
        (
            [Creator("quill"), Creator("inkpot", "雨 ink")],
            "",
            [("quill", "quill/quill"), ("雨 ink (inkpot)", "inkpot/%E9%9B%A8%20ink")],
        ),
        ([], "", [("Anonymous", None)]),
        ([Creator("Anonymous")], "", [("Anonymous", "Anonymous/Anonymous")]),
        ([Creator("orphan_account")], "", [("orphan_account", None)]),
        (
            [Creator("orphan_account", "Bee"), Creator("orphan_account", "Cat")],
            "",
            [("Bee (orphan_account)", None), ("Cat (orphan_account)", None)],
        ),
        (
            [],
            'Old Hand [archived by <a rel="author" href="/users/keeper/pseuds/keeper">keeper</a>]',
            [("Old Hand", None)],
        ),
        (
            [],
            '<a rel="author" href="/users/inkpot/pseuds/inkpot">inkpot</a>, Old Hand [archived by <a rel="author" href="/users/keeper/pseuds/keeper">keeper</a>]',
            [("inkpot", "inkpot/inkpot"), ("Old Hand", None)],
        ),
    ],
)
def test_bylines(
    creators: list[Creator], byline: str, expected: list[tuple[str, str | None]]
) -> None:
    work = LookalikeWork.generate(7)
    work.creators, work.byline = creators, byline
    assert names(work) == expected


def test_only_the_byline_names_authors() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    other = '<a rel="author" href="/users/other/pseuds/other">other</a>'
    work.associations = [f'Inspired by <a href="/works/3">A Tune</a> by {other}.']
    work.inspired = [f'<a href="/works/4">A Reply</a> by {other}']
    work.chapters[1].creators = [Creator("guest")]
    assert names(work) == [("inkpot", "inkpot/inkpot")]


def test_a_work_tells_its_places_in_series() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    before = novel_of(archived.whole(work))
    work.series = [(5, "Five", 2, 6, 8), (9, "Part 3 of Nine 🚲", 1, None, 10)]
    novel = novel_of(archived.whole(work))
    assert [(one.name, one.number, one.source_id, one.url) for one in novel.series] == [
        ("Five", 2, "5", "https://archiveofourown.org/series/5"),
        ("Part 3 of Nine 🚲", 1, "9", "https://archiveofourown.org/series/9"),
    ]
    assert novel.model_copy(update={"series": ()}) == before


def test_a_work_states_its_posted_chapters_and_its_words() -> None:
    work = LookalikeWork.generate(7, chapters=3)
    page = archived.whole(work)
    assert SOURCE.parser().parse(page).stated == (Stated(chapters=3, words=work.words),)
    bare = page.text.replace('<dd class="chapters">', "<dd>").replace('<dd class="words">', "<dd>")
    assert SOURCE.parser().parse(archived.page(bare, page.url)).stated == (Stated(),)


@pytest.mark.parametrize("wraps_skin", [True, False], ids=["newer", "older"])
def test_a_work_skin_is_no_part_of_the_work(wraps_skin: bool) -> None:
    work = LookalikeWork.generate(7, chapters=2)
    before = SOURCE.parser().parse(archived.whole(work)).items
    work.skin = "#workskin .chat{color: red}"
    switches = SiteSwitches(wraps_skin=wraps_skin)
    for page in (
        archived.whole(work, switches=switches),
        archived.chapter(work, 1, PageKind.INDEX, switches=switches),
    ):
        items = SOURCE.parser().parse(page).items
        assert items == before[: len(items)]


def test_the_index_is_read_in_its_own_order() -> None:
    work = LookalikeWork.generate(7, chapters=4)
    first, second, third, fourth = work.chapters
    first.title = "A Title Longer than Fifty Characters, Which the Drop-Down Menu Would Cut"
    second.title, third.title, fourth.title = "", "2. Tim", "I <3 U"
    second.day, third.day = first.day, first.day.replace(year=2020)
    fourth.position = 6
    refs = refs_of(archived.index(work))
    assert [ref.source_id for ref in refs] == [str(chapter.id) for chapter in work.chapters]
    assert [ref.title for ref in refs] == [first.title, "Chapter 2", "2. Tim", "I <3 U"]
    assert [ref.published_at and ref.published_at.date() for ref in refs] == [
        chapter.day for chapter in work.chapters
    ]
    assert refs[0].url == f"{WORK}/chapters/{first.id}"
    assert SOURCE.parser().parse(archived.index(work)).novel is not None


@pytest.mark.parametrize("number", [2, 20])
def test_a_new_short_work_is_asked_for_whole(number: int) -> None:
    work = LookalikeWork.generate(7, chapters=number)
    ids = tuple(str(chapter.id) for chapter in work.chapters)
    assert SOURCE.parser().follow(archived.index(work)) == [
        Follow(f"{WORK}?view_full_work=true", PageKind.INDEX, chapters=ids, position=1)
    ]


def test_a_new_long_work_is_asked_for_whole_beside_its_first_chapter() -> None:
    work = LookalikeWork.generate(7, chapters=21)
    first, *others = (str(chapter.id) for chapter in work.chapters)
    assert SOURCE.parser().follow(archived.index(work)) == [
        Follow(f"{WORK}/chapters/{first}", PageKind.INDEX, position=1),
        Follow(f"{WORK}?view_full_work=true", PageKind.CHAPTER, chapters=tuple(others)),
    ]


def test_a_saved_work_is_asked_for_by_chapter() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    first, second = work.chapters
    saved_from = f"{WORK}/chapters/{first.id}?view_adult=true"
    assert SOURCE.parser().follow(archived.index(work, requested=saved_from)) == [
        Follow(f"{WORK}/chapters/{first.id}", PageKind.INDEX, position=1),
        Follow(
            f"{WORK}/chapters/{second.id}",
            PageKind.CHAPTER,
            chapters=(str(second.id),),
            markers=(second.day.isoformat(),),
        ),
    ]


def test_the_page_a_job_began_with_is_asked_for_in_another_spelling() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    first = f"{WORK}/chapters/{work.chapters[0].id}"
    followed, _ = SOURCE.parser().follow(archived.index(work, requested=first))
    assert followed.url == f"{first}?view_adult=true"


def test_an_index_without_chapters_is_told_of() -> None:
    work = LookalikeWork.generate(7)
    work.chapters.clear()
    with pytest.raises(PageChanged, match="names no chapter"):
        SOURCE.parser().parse(archived.index(work))
