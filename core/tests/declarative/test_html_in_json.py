"""Answers of JSON that hold the HTML of a list or of texts; and how a list of them goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from novel_core import (
    Chapter,
    ChapterListTable,
    ChapterRef,
    ChapterTable,
    DeclarativeParser,
    Novel,
    NovelTable,
    Page,
    PageKind,
    PageNumbers,
    Parsed,
    SiteTable,
    UrlKind,
    UrlMatch,
)

ROOT = "https://example.org"
TOC = f"{ROOT}/ajax/toc?book=7"
HTML = (
    '<ol class="list"><li class="head">Book One</li>'
    '<li data-id="11"><a href="/book/7/c/11">One &amp; all</a><time>2026-01-02</time></li>'
    '<li data-id="12" class="paid"><a href="/book/7/c/12">Two</a><i class="lock"></i></li></ol>'
)
CHAPTER = ChapterTable(content="article@html")
NOVEL = NovelTable(title="h1", chapter_list="url:/ajax/toc?book={novel}")


def match_url(url: str) -> UrlMatch | None:
    found = re.fullmatch(rf"{ROOT}/book/(\d+)(?:/c/(\d+))?", url)
    if found is None:
        return None
    novel = f"{ROOT}/book/{found[1]}"
    if found[2] is None:
        return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
    return UrlMatch(UrlKind.CHAPTER, url, found[1], chapter_id=found[2], novel_url=novel)


def read(table: SiteTable, page: Page) -> Parsed:
    return DeclarativeParser(table, match_url=match_url, version="1").parse(page)


def answer(body: object, url: str = TOC, kind: PageKind = PageKind.INDEX) -> Page:
    position = 1 if kind is PageKind.INDEX else 0
    context = {"novel": "7"}
    return Page(
        url, kind, json.dumps(body).encode(), position=position, context=context, requested_url=url
    )


def a_list(**more: object) -> SiteTable:
    fields = {"form": "json", "published": "time | date", "locked": ".lock"} | more
    return SiteTable(novel=NOVEL, chapters=ChapterListTable.model_validate(fields), chapter=CHAPTER)


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": "data.html >> css:li:not(.head)", "more": "data.more"},
        {"rows": "data.html >> xpath://li[a]", "link": "xpath:a/@href", "title": "css:a"},
        {"root": "data.html >> css:ol", "rows": "li", "heading": "css:.head, .none"},
        {"rows": "data.html >> css:li", "heading": "xpath:self::li[@class='head']"},
        {"groups": "data.html >> css:ol", "rows": "li[data-id]", "heading": ".head"},
    ],
)
def test_rows_are_elements(fields: dict[str, object]) -> None:
    more = fields.pop("more", None)
    if more:
        fields["next_page"] = PageNumbers(query="page", more=str(more))
    parsed = read(a_list(**fields), answer({"data": {"html": HTML, "more": True}}))
    refs = [item for item in parsed.items if isinstance(item, ChapterRef)]
    assert [(ref.source_id, ref.title, ref.access.value) for ref in refs] == [
        ("11", "One & all", "free"),
        ("12", "Two", "locked"),
    ]
    assert str(refs[0].published_at) == "2026-01-02 00:00:00+00:00"
    assert [follow.url for follow in parsed.follow] == [
        f"{ROOT}/book/7/c/11",
        *([f"{TOC}&page=2"] if more else []),
    ]


def test_each_text_of_a_list_of_json_gives_rows() -> None:
    rows = [f"<li><a href=/book/7/c/{n}>Part {n}</a></li>" for n in (1, 2)]
    for written in ("rows >> css:li", "rows[] >> css:li"):
        parsed = read(a_list(rows=written), answer({"rows": rows}))
        assert [getattr(item, "title", "") for item in parsed.items] == ["Part 1", "Part 2"]


def test_the_texts_of_such_an_answer() -> None:
    html = "".join(
        f'<article id="c{n}"><h2>Part {n}</h2><div>Text {n}<b class=ad>x</b></div></article>'
        for n in (11, 12)
    )
    table = SiteTable(
        novel=NOVEL,
        chapters=ChapterListTable(rows="li"),
        chapter=ChapterTable(
            form="json",
            rows="html >> css:article",
            id="@id | after:c",
            title="h2",
            content="div@html",
            drop=".ad",
        ),
    )
    parsed = read(table, answer({"html": html}, f"{ROOT}/texts", PageKind.CHAPTER))
    assert [
        (item.source_id, item.title, item.content_html)
        for item in parsed.items
        if isinstance(item, Chapter)
    ] == [("11", "Part 11", "Text 11"), ("12", "Part 12", "Text 12")]


def test_the_novel_of_such_an_answer() -> None:
    html = '<h1>Salt</h1><p class="by"><a href="/u/ann"><b>Ann</b> (3)</a></p>'
    table = SiteTable(
        novel=NovelTable(
            form="json", root="html >> css:body", title="h1", authors=".by a", author_name="b"
        ),
        chapter=ChapterTable(form="json", content="text"),
    )
    body = json.dumps({"html": html, "text": "<p>T</p>"}).encode()
    novel = read(table, Page(f"{ROOT}/book/7", PageKind.INDEX, body)).items[0]
    assert isinstance(novel, Novel)
    assert (novel.title, novel.authors[0].name, novel.authors[0].url) == (
        "Salt",
        "Ann",
        f"{ROOT}/u/ann",
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ChapterListTable(rows="li", root="json:html"), "a page of HTML is no JSON. Write form='json'"),
        (lambda: ChapterListTable(form="xml", rows="json:parts"), "a page of XML is no JSON"),
        (lambda: NovelTable(title="json:title"), "css:#state >> json:work.title"),
        (lambda: ChapterListTable(form="json", rows="html >> css:li", title="script:x="), "has no elements"),
        (lambda: ChapterListTable(form="json", rows="html >> css:li", stated="css:b"), "has no elements"),
        (lambda: ChapterListTable(form="json", rows="html", link="css:a@href"), "has no elements"),
        (lambda: ChapterListTable(form="json", rows="html >> css:li", title="a["), "CSS selector"),
        (lambda: NovelTable(title="h1", chapter_list="/ajax/toc"), "an address .* url:/ajax/toc"),
        (lambda: NovelTable(title="h1", chapter_list="b | url:/toc"), "a path: 'url:/toc'"),
        (lambda: NovelTable(title="h1", chapter_list="url:/toc/{}"), r"write: path \| url:/toc/{}"),
        (lambda: NovelTable(title="h1", chapter_list="url:"), "write: path"),
        (lambda: PageNumbers(query="p"), "last, more, or per_page"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error_at_construction(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises((ValidationError, ValueError), match=message):
        make()


def test_json_of_an_element_of_html() -> None:
    table = ChapterListTable(root="#state", rows="json:parts", link="url", title="title")
    body = '<h1>Salt</h1><div id=state>{"parts": [{"url": "/book/7/c/1", "title": "One"}]}</div>'
    site = SiteTable(novel=NovelTable(title="h1"), chapters=table, chapter=CHAPTER)
    parsed = read(site, Page(f"{ROOT}/book/7", PageKind.INDEX, body.encode()))
    assert [getattr(item, "title", "") for item in parsed.items] == ["Salt", "One"]


@pytest.mark.parametrize(
    ("more", "goes_on"),
    [(True, True), (1, True), ("yes", True), (False, False), (0, False), (None, False), ("", False), ("false", False)],
)  # fmt: skip
def test_a_list_goes_on_while_more_is_true(more: object, *, goes_on: bool) -> None:
    table = a_list(rows="html >> css:li", next_page=PageNumbers(query="p", more="more"))
    parsed = read(table, answer({"html": "<li><a href=/book/7/c/1>One</a></li>", "more": more}))
    assert [follow.url for follow in parsed.follow[1:]] == ([f"{TOC}&p=2"] if goes_on else [])


@pytest.mark.parametrize(
    ("cursor", "following"),
    [("a b/=", [f"{ROOT}/ajax/toc?after=a%20b/%3D"]), (31, [f"{ROOT}/ajax/toc?after=31"]), ("", []), (None, [])],
)  # fmt: skip
def test_a_cursor_goes_into_the_next_address(cursor: object, following: list[str]) -> None:
    table = a_list(rows="html >> css:li", next_page="paging.cursor | url:/ajax/toc?after={}")
    body = {"html": "<li><a href=/book/7/c/1>One</a></li>", "paging": {"cursor": cursor}}
    parsed = read(table, answer(body))
    assert [follow.url for follow in parsed.follow[1:]] == following
    assert all(follow.context == {"novel": "7"} for follow in parsed.follow[1:])


def test_a_constant_address_is_that_of_the_list() -> None:
    for written, url in (
        ("url:/ajax/toc", f"{ROOT}/ajax/toc"),
        ("url:toc?book={novel}", f"{ROOT}/book/toc?book=7"),
        ("url:https://api.example.org/toc", "https://api.example.org/toc"),
    ):
        table = SiteTable(
            novel=NovelTable(title="h1", chapter_list=written),
            chapters=ChapterListTable(form="json", rows="html >> css:li"),
            chapter=CHAPTER,
        )
        parsed = read(table, Page(f"{ROOT}/book/7", PageKind.INDEX, b"<h1>Salt</h1>"))
        assert [(follow.url, follow.context) for follow in parsed.follow] == [(url, {"novel": "7"})]


@pytest.mark.parametrize(
    "fields",
    [
        {"root": "script:#x >> html", "rows": "css:li"},
        {"rows": "script:#x >> html >> css:li"},
        {"rows": "script:#x >> parts", "link": "css:a@href", "title": "css:a"},
    ],
)
def test_a_text_in_a_script_is_not_the_page_around_it(fields: dict[str, str]) -> None:
    row = "<li><a href=/book/7/c/1>One</a></li>"
    state = json.dumps({"html": row, "parts": [row]})
    html = f"<h1>Salt</h1><li><a href=/book/7/c/9>No</a></li><script id=x>{state}</script>"
    table = ChapterListTable.model_validate(fields)
    site = SiteTable(novel=NovelTable(title="h1"), chapters=table, chapter=CHAPTER)
    parsed = read(site, Page(f"{ROOT}/book/7", PageKind.INDEX, html.encode()))
    assert [item.title for item in parsed.items if isinstance(item, ChapterRef)] == ["One"]


def test_css_beside_an_object_of_a_script_selects_in_the_page() -> None:
    html = '<p class=about>Of salt.</p><script id=x>{"book": {"title": "Salt"}}</script>'
    table = NovelTable(root="script:#x >> book", title="title", description="css:.about@html")
    site = SiteTable(novel=table, chapters=None, chapter=ChapterTable(content="p"))
    novel = read(site, Page(f"{ROOT}/book/7", PageKind.INDEX, html.encode())).items[0]
    assert isinstance(novel, Novel)
    assert (novel.title, novel.description_html) == ("Salt", "Of salt.")
