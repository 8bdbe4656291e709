"""Tables of selectors: the same items as a parser in code, and clear messages for errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
import tablesite
import tablesite_by_hand
from pydantic import ValidationError
from sqlalchemy import Engine
from tablesite import TABLE, TableBook, TableSite, a_book, chapter_page, index_page, match_url
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_core import Page, PageKind
from novel_core.content.visible import follows_of
from novel_core.declarative import (
    ChapterListTable,
    Content,
    DeclarativeParser,
    NovelTable,
    Selector,
)
from novel_core.errors import NotFound, PageChanged, PluginError
from novel_core.ingest.chapter_texts import CleanText
from novel_core.items import Chapter, ChapterRef, Novel
from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers

DECLARED = tablesite.TableSource().parser()
BY_HAND = tablesite_by_hand.HandWrittenSource().parser()


def index(html: str, position: int = 0) -> Page:
    url = f"{tablesite.ROOT}/book/1" + (f"?page={-position}" if position else "")
    return Page(url, PageKind.INDEX, html.encode(), requested_url=url, position=position)


def chapter(html: str, name: str, part: int = 0) -> Page:
    url = f"{tablesite.ROOT}/book/1/{name}" + (f"?page={part}" if part else "")
    return Page(
        url, PageKind.CHAPTER, html.encode(), requested_url=url, chapters=(name,), part=part
    )


def pages_of(book: TableBook) -> list[Page]:
    lists = [index(index_page(book, number), -number) for number in range(3)]
    texts = [
        chapter(chapter_page(book, entry, part), entry.id, part)
        for entry in book.chapters
        for part in range(len(entry.parts))
    ]
    return lists + texts


@pytest.mark.parametrize("page", pages_of(a_book()), ids=lambda page: page.url.rpartition("/")[2])
def test_the_table_reads_what_the_code_reads(page: Page) -> None:
    declared, by_hand = DECLARED.parse(page), BY_HAND.parse(page)
    assert list(declared.items) == list(by_hand.items)
    assert list(declared.follow) == list(by_hand.follow)
    assert declared.novel == by_hand.novel
    assert list(DECLARED.follow(page)) == list(declared.follow)


def test_both_bring_the_same_library(database: Engine) -> None:
    """Through the whole pipeline: paged list, parts, volumes, a locked chapter."""
    dumps = []
    for module in ("tablesite", "tablesite_by_hand"):
        site = TableSite(a_book())
        with ThreadedServer(site.app) as served:
            settings = quick_settings(
                host_map={tablesite.HOST: served.url}, sources={module: NO_LIMIT}
            )
            bench = Workbench(Runtime(settings, registry_of(module), database, Servers("", None)))
            job = bench.ingest(f"{tablesite.ROOT}/book/1")
            assert (job.chapters["new"], job.chapters["locked"]) == (6, 1)
            texts = bench.rows(
                "SELECT c.number, c.title, t.content_html, t.note_before_html, c.published_at, v.title"
                " FROM chapters c LEFT JOIN chapter_texts t ON t.id = c.text_id"
                " LEFT JOIN volumes v ON v.id = c.volume_id JOIN novels n ON n.id = c.novel_id"
                f" WHERE n.source = '{module}' ORDER BY c.number"
            )
            dumps.append((sorted(site.requests), [tuple(row) for row in texts]))
    assert dumps[0] == dumps[1]
    assert dumps[0][1][1][2] == "<p>Second,</p><p>and the rest.</p>"
    assert [chapter[5] for chapter in dumps[0][1]] == ["Book One"] * 3 + ["Book Two"] * 4


def test_no_field_is_forgotten() -> None:
    novel, *refs = DECLARED.parse(index(index_page(a_book()))).items
    assert isinstance(novel, Novel)
    assert (novel.authors[0].name, novel.authors[0].url) == ("Ann & Co", f"{tablesite.ROOT}/user/5")
    assert novel.status == "completed"
    assert (novel.statistics.views, novel.statistics.words) == (12345, 1500)
    assert [tag.kind for tag in novel.tags] == ["tag", "tag", "genre"]
    assert [item.volume for item in refs if isinstance(item, ChapterRef)] == [
        "Book Two",
        None,
        None,
    ]


def test_a_page_without_what_it_must_have_has_changed() -> None:
    page = index(index_page(a_book()).replace('h1 class="title"', 'h1 class="headline"'))
    with pytest.raises(PageChanged, match="no title"):
        DECLARED.parse(page)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("Finished", "Asleep", "status", "'asleep' is not one of ongoing, finished"),
        ("12,345", "many", "statistics.views", "no number in 'many'"),
        (
            "12,345",
            "99999999999999999999",
            "statistics.views",
            "views 99999999999999999999 is left",
        ),
        ("02.04.2026", "2.4.26?", "updated_at", "date of the update is left out"),
        ("/user/5", "javascript:x", "authors.0.url", "'javascript:x' is not a web address"),
        ("2026-01-05", "in spring", "published_at of a chapter", "chapter's date is left out"),
    ],
)
def test_what_is_optional_and_cannot_be_read_is_left_out_with_a_warning(
    old: str, new: str, field: str, words: str
) -> None:
    whole = DECLARED.parse(index(index_page(a_book())))
    parsed = DECLARED.parse(index(index_page(a_book()).replace(old, new)))
    assert [item.source_id for item in parsed.items] == [item.source_id for item in whole.items]
    novel = parsed.items[0].model_dump()
    if "chapter" in field:
        dates = [item.published_at for item in parsed.items[1:] if isinstance(item, ChapterRef)]
        assert None in dates
    else:
        place: Any = novel
        for name in field.split("."):
            place = place[int(name) if name.isdecimal() else name]
        assert place is None
    assert not whole.warnings
    assert any(words in warning for warning in parsed.warnings)


def test_rows_that_no_longer_lead_to_chapters_are_a_changed_page() -> None:
    html = index_page(a_book()).replace('href="/book/1/', 'href="/read/1/')
    with pytest.raises(
        PageChanged, match=r"3 of the \d rows of the chapter list link to no chapter"
    ):
        DECLARED.parse(index(html))
    one = index_page(a_book()).replace('href="/book/1/', 'href="/read/1/', 1)
    parsed = DECLARED.parse(index(one))
    assert len(parsed.items) == 3
    assert "1 of the" in parsed.warnings[0]


def test_a_table_may_say_that_its_list_is_whole() -> None:
    chapters = ChapterListTable(rows="table.toc tr", complete="p.withdrawn")
    parser = DeclarativeParser(
        TABLE.model_copy(update={"chapters": chapters}), match_url=match_url, version="1"
    )
    html = index_page(a_book())
    assert not parser.parse(index(html)).complete_list
    notice = '<p class="withdrawn">Chapters 2 to 90 are in the book now.</p></body>'
    assert parser.parse(index(html.replace("</body>", notice))).complete_list


def test_a_wall_is_the_sites_own_words() -> None:
    for page in (index(tablesite.GONE), chapter(tablesite.GONE, "one")):
        with pytest.raises(NotFound, match="withdrawn"):
            DECLARED.parse(page)


def test_a_chapter_without_text_has_changed() -> None:
    html = chapter_page(a_book(), a_book().chapters[0]).replace('class="text"', 'class="prose"')
    with pytest.raises(PageChanged) as caught:
        DECLARED.parse(chapter(html, "one"))
    assert caught.value.selector == "div.text@html"


def test_several_selectors_are_tried_in_turn() -> None:
    novel = TABLE.novel.model_copy(update={"title": NovelTable(title=("h6", "h1")).title})
    parser = DeclarativeParser(
        TABLE.model_copy(update={"novel": novel}), match_url=match_url, version="1"
    )
    first = parser.parse(index(index_page(a_book()))).items[0]
    assert first.title == "A Tale of Lamps"


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("div..x", "is no CSS selector"),
        ("h1 | upper", "no processor 'upper'"),
    ],
)
def test_a_wrong_selector_is_told_when_the_table_is_made(selector: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        NovelTable(title=selector)


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="autors"):
        NovelTable.model_validate({"title": "h1", "autors": "a"})


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("b | number", "1234"),
        ("i | number", "1200000"),
        ("u | after:by ", "Ann"),
        ("u | before: by", "A Tale"),
        ("u | regex:by (\\w+)", "Ann"),
        ("u | regex:\\d+", None),
        ("s | date", "2026-03-04T00:00:00+00:00"),
        ("p | date", "2023-11-14T22:13:20+00:00"),
        ("q | date", "2026-03-04T05:06:07+00:00"),
        ("em | date:%d %B %Y", "2026-03-04T00:00:00+00:00"),
        ("@class", "root"),
        ("nothing | number", None),
    ],
)
def test_processors(selector: str, expected: str | None) -> None:
    page = index(
        "<div class=root><b>1,234 words</b><i>1.2M views</i><u>A Tale by Ann</u><s>2026-03-04</s>"
        "<p>1700000000</p><q>Wed, 04 Mar 2026 05:06:07 GMT</q><em>04 March 2026</em></div>"
    )
    content = Content(page)
    [root] = content.document.css("div")
    assert next(Selector.of(selector).values(content, root), None) == expected


def test_parts_are_followed_to_the_end() -> None:
    book = a_book()
    parsed = DECLARED.parse(chapter(chapter_page(book, book.chapters[1]), "two"))
    [more] = parsed.follow
    assert (more.part, more.chapters) == (1, ("two",))
    last = DECLARED.parse(chapter(chapter_page(book, book.chapters[1], 1), "two", 1))
    assert isinstance(last.items[0], Chapter)
    assert (last.items[0].part, list(last.follow)) == (1, [])


def test_a_failure_of_match_url_is_told_with_the_address() -> None:
    def fails(url: str) -> object:
        if "/two" in url:
            raise KeyError("two")
        return match_url(url)

    parser = DeclarativeParser(TABLE, match_url=fails, version="1")  # type: ignore[arg-type]
    words = rf"match_url failed on {tablesite.ROOT}/book/1/[a-z-]*two[a-z-]*, .*KeyError"
    pages = [page for page in pages_of(a_book()) if page.kind is PageKind.INDEX]
    failed = []
    for page in pages:
        try:
            parser.parse(page)
        except PluginError as error:
            failed.append(error.message)
    assert len(failed) == 1
    assert re.match(words, failed[0])


def test_a_page_with_a_base_of_its_own_is_read_by_it() -> None:
    """Links, pictures and the addresses inside texts, through the saved HTML."""
    book = a_book()
    html = chapter_page(book, book.chapters[1]).replace("<body>", '<base href="/elsewhere/"><body>')
    html = html.replace(
        '<div class="text">', '<div class="text"><p><a href="x">X</a><img src="y.png"></p>'
    )
    page = chapter(html, "two")
    [item] = DECLARED.parse(page).items
    assert isinstance(item, Chapter)
    asked = [follow.url for follow in follows_of(DECLARED, page)]
    assert f"{tablesite.ROOT}/elsewhere/y.png" in asked
    saved = CleanText.of(item).content_html
    assert f'href="{tablesite.ROOT}/elsewhere/x"' in saved
    assert f'src="{tablesite.ROOT}/elsewhere/y.png"' in saved


def test_a_selector_may_name_a_text() -> None:
    page = index("<p><a href='/a'>Back</a><a href=' /b\n'>Next</a>")
    assert list(Selector.of('a:contains("Next")@href').values(Content(page))) == ["/b"]
