"""What is read of a text: chapters, their titles and notes, and whatever authors write."""

import pytest

from novel_ao3 import SOURCE
from novel_ao3_lookalike import Creator, LookalikeWork, archived
from novel_core.content import sanitize
from novel_core.content.visible import follows_of
from novel_core.errors import PageChanged
from novel_core.items import Chapter
from novel_core.page import Page
from novel_core.source import PageKind


def texts(page: Page) -> list[Chapter]:
    items = SOURCE.parser().parse(page).items
    return [item for item in items if isinstance(item, Chapter)]


def content(*paragraphs: str) -> str:
    work = LookalikeWork.generate(7, chapters=2)
    work.chapters[0].paragraphs = list(paragraphs)
    first = texts(archived.whole(work))[0]
    assert texts(archived.chapter(work, 1))[0] == first
    work.planned = 1
    work.chapters.pop()
    assert texts(archived.whole(work))[0].content_html == first.content_html
    return first.content_html


def test_a_work_of_one_chapter_without_notes() -> None:
    work = LookalikeWork.generate(7)
    [chapter] = texts(archived.whole(work))
    assert (chapter.source_id, chapter.title) == (str(work.chapters[0].id), "Chapter 1")
    assert chapter.content_html == "\n".join(work.chapters[0].paragraphs)
    assert (chapter.note_before_html, chapter.note_after_html) == ("", "")


def test_a_work_of_one_chapter_with_notes() -> None:
    work = LookalikeWork.generate(7)
    work.note, work.end_note = "<ul><li>First.</li></ul>", "<p>Last.</p>"
    [chapter] = texts(archived.whole(work))
    assert chapter.note_before_html == "<ul><li>First.</li></ul>"
    assert chapter.note_after_html == "<p>Last.</p>"


def test_all_chapters_on_one_page_are_those_of_their_own_pages() -> None:
    work = LookalikeWork.generate(7, chapters=3)
    work.note, work.end_note = "<p>Hello.</p>", "<p>Bye.</p>"
    first, second, third = work.chapters
    first.summary, first.note, first.end_note = "<p>S</p>", "<p>N</p>", "<p>E</p>"
    second.title, second.end_note = "", "<p>Only at the end.</p>"
    second.creators = [Creator("guest", "A Guest")]
    third.position, third.title = 4, "Ratio: 2: 1 <3"
    whole = texts(archived.whole(work))
    assert whole == [texts(archived.chapter(work, number))[0] for number in (1, 2, 3)]
    assert [chapter.title for chapter in whole] == [first.title, "Chapter 2", "Ratio: 2: 1 <3"]
    assert [chapter.source_id for chapter in whole] == [str(part.id) for part in work.chapters]
    assert whole[0].note_before_html == (
        "<h4>Notes</h4>\n<p>Hello.</p>\n<h4>Summary</h4>\n<p>S</p>\n<h4>Chapter Notes</h4>\n<p>N</p>"
    )
    assert whole[0].note_after_html == "<p>E</p>"
    assert whole[1].note_before_html == "<h4>Author</h4>\n<p>Chapter by A Guest (guest)</p>"
    assert whole[1].note_after_html == "<p>Only at the end.</p>"
    assert (whole[2].note_before_html, whole[2].note_after_html) == ("", "<p>Bye.</p>")


def test_end_notes_that_would_move_on_are_left_out() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    work.planned, work.end_note = None, "<p>Bye for now.</p>"
    assert texts(archived.whole(work))[-1].note_after_html == ""
    assert texts(archived.chapter(work, 2))[0].note_after_html == ""


def test_gifts_and_inspirations_stand_with_the_notes_and_replies_do_not() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    work.associations = [
        'For <a href="/users/reader/gifts">reader</a>.',
        "Inspired by a deleted work",
    ]
    work.inspired = ["[Restricted Work] by other (Log in to access.)"]
    first, last = texts(archived.whole(work))
    assert first.note_before_html == (
        '<ul><li>For <a href="/users/reader/gifts">reader</a>.</li><li>Inspired by a deleted work</li></ul>'
    )
    assert last.note_after_html == ""


@pytest.mark.parametrize(
    "text",
    [
        '<div class="userstuff"><div class="chapter preface group"><p>In the text.</p></div></div><p>After.</p>',
        '<h3 class="landmark heading">Kept</h3><p class="landmark hidden">For screens.</p>',
        "<p>\xa0</p><p></p><p>👩‍👧 \u200b</p>",
        '<p dir="rtl" lang="he">שלום</p><p><ruby>雨<rp>(</rp><rt>あめ</rt><rp>)</rp></ruby></p>',
        '<details open=""><summary>Look</summary><p>Inside.</p></details>',
        "",
    ],
)
def test_what_authors_write_is_kept(text: str) -> None:
    assert content(text).replace(' open=""', "").replace(" open", "") == text.replace(
        ' open=""', ""
    )


def test_a_video_is_a_work_and_becomes_a_link() -> None:
    html = content('<p><iframe src="https://www.youtube.com/embed/x" width="500"></iframe></p>')
    saved = sanitize(html, base_url="https://archiveofourown.org/works/7").html
    assert 'href="https://www.youtube.com/embed/x"' in saved


def test_pictures_are_asked_for_each_once() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    picture = '<p><img src="https://i.example/a.png"></p>'
    for chapter in work.chapters:
        chapter.paragraphs = [picture]
    follows = follows_of(SOURCE.parser(), archived.whole(work))
    assert [(follow.url, follow.kind) for follow in follows] == [
        ("https://i.example/a.png", PageKind.IMAGE)
    ]


def test_a_text_is_the_same_when_only_the_page_around_it_changes() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    before = archived.whole(work)
    work.hits, work.counts = work.hits + 1, {"kudos": 99}
    after = archived.whole(work)
    assert before.body != after.body
    assert texts(before) == texts(after)


def test_the_page_of_another_chapter_is_refused() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    page = archived.chapter(work, 1)
    wrong = archived.page(
        page.text, "https://archiveofourown.org/chapters/9", PageKind.CHAPTER, chapters=("9",)
    )
    with pytest.raises(PageChanged, match="The page is chapter 7001, not 9"):
        SOURCE.parser().parse(wrong)


def test_a_whole_work_that_lacks_a_chapter_of_the_index_says_so() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    page = archived.whole(work, chapters=("7001", "7002", "7009"))
    assert SOURCE.parser().parse(page).warnings == ("The page lacks chapter 7009.",)
    assert SOURCE.parser().parse(archived.whole(work)).warnings == ()


def test_a_later_chapter_is_not_taken_for_the_beginning() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    with pytest.raises(PageChanged, match="later chapter"):
        SOURCE.parser().parse(archived.chapter(work, 2, PageKind.INDEX))


def test_a_chapters_page_tells_its_work() -> None:
    work = LookalikeWork.generate(7, chapters=2)
    page = archived.chapter(work, 2)
    bare = archived.page(
        page.text, f"https://archiveofourown.org/chapters/{work.chapters[1].id}", PageKind.CHAPTER
    )
    match = SOURCE.parser().parse(bare).novel
    assert match is not None
    assert (match.novel_id, match.url) == ("7", "https://archiveofourown.org/works/7")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (('class="preface group"', 'class="top"'), "no title"),
        (('class="userstuff module"', 'class="story module"'), "userstuff"),
        (('<div id="chapters"', '<div id="parts"'), "no text"),
        (("works-show", "works-display"), "no known kind"),
    ],
)
def test_a_new_layout_is_told_of(damage: tuple[str, str], words: str) -> None:
    page = archived.whole(LookalikeWork.generate(7, chapters=2))
    changed = archived.page(page.text.replace(*damage), page.url)
    with pytest.raises(PageChanged, match=words):
        SOURCE.parser().parse(changed)
