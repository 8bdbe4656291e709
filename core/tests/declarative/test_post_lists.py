"""Lists and texts by POST, as tables say them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    Follow,
    NovelTable,
    Page,
    PageChanged,
    PageKind,
    PageNumbers,
    Parsed,
    SiteTable,
    UrlKind,
    UrlMatch,
)

ROOT = "https://example.org"
ROWS = "<li><a href=/book/7/c/11>One</a></li><li><a href=/book/7/c/12>Two</a></li>"
CHAPTER = ChapterTable(content="article@html")


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


def first_page(table: SiteTable, body: str = "<h1>Salt</h1>") -> Follow:
    return read(table, Page(f"{ROOT}/book/7", PageKind.INDEX, body.encode())).follow[0]


def answer(follow: Follow, body: str) -> Page:
    """What the site answers to a Follow."""
    return Page(
        follow.url,
        PageKind.INDEX,
        body.encode(),
        requested_url=follow.url,
        position=follow.position,
        context=follow.context,
        method=follow.method,
        request_body=follow.body,
    )


def a_table(address: str, chapter: ChapterTable = CHAPTER, **fields: Any) -> SiteTable:
    return SiteTable(
        novel=NovelTable(title="h1", chapter_list=address),
        chapters=ChapterListTable(**{"method": "POST", "rows": "li"} | fields),
        chapter=chapter,
    )


def test_a_form() -> None:
    table = a_table("url:/toc?book={novel}", next_page=PageNumbers(query="p", more=".more"))
    follow = first_page(table)
    bodies = []
    for more in ("<b class=more></b>", "<b class=more></b>", ""):
        bodies.append((follow.method, follow.url, follow.body, follow.position))
        rows = ROWS.replace("/c/1", f"/c/{len(bodies)}1")
        parsed = read(table, answer(follow, rows + more))
        follow = parsed.follow[-1]
    assert bodies == [
        ("POST", f"{ROOT}/toc", b"book=7", 1),
        ("POST", f"{ROOT}/toc", b"book=7&p=2", 2),
        ("POST", f"{ROOT}/toc", b"book=7&p=3", 3),
    ]
    # The chapters themselves are requested with GET.
    assert (follow.kind, follow.method, follow.body) == (PageKind.CHAPTER, "GET", b"")


def test_a_cursor_and_values_that_are_escaped() -> None:
    table = a_table("b | url:/toc?slug={}", next_page="i | url:/toc?book={novel}&after={}")
    follow = first_page(table, "<h1>Salt</h1><b>a&amp;b=c é</b>")
    assert follow.body == b"slug=a%26b%3Dc+%C3%A9"
    further = read(table, answer(follow, ROWS + "<i>x+/=</i>")).follow[-1]
    assert (further.url, further.body) == (f"{ROOT}/toc", b"book=7&after=x%2B/%3D")


def test_a_body_of_json() -> None:
    table = a_table(
        "b | url:/toc?v=3&book={novel}&q={}&page=1",
        body='{"book": {book}, "q": "{q}", "page": {page}}',
        headers={"X-Requested-With": "XMLHttpRequest"},
        next_page=PageNumbers(query="page", last="u"),
    )
    follow = first_page(table, "<h1>Salt</h1><b>say &quot;no&quot;</b>")
    assert follow.url == f"{ROOT}/toc?v=3"
    assert follow.body == b'{"book": 7, "q": "say \\"no\\"", "page": 1}'
    assert follow.headers == {
        "X-Requested-With": "XMLHttpRequest",
        "Content-Type": "application/json",
    }
    further = read(table, answer(follow, ROWS + "<u>2</u>")).follow[-1]
    assert further.body == b'{"book": 7, "q": "say \\"no\\"", "page": 2}'
    last = read(table, answer(further, ROWS + "<u>2</u>")).follow[-1]
    assert last.kind is PageKind.CHAPTER


def test_a_body_of_a_form_leaves_other_parameters_in_the_address() -> None:
    table = a_table("url:/ajax.php?action=toc&book={novel}", body="id={book}&all=1")
    follow = first_page(table)
    assert (follow.url, follow.body) == (f"{ROOT}/ajax.php?action=toc", b"id=7&all=1")
    assert follow.headers == {}


@pytest.mark.parametrize(
    ("body", "sent"), [("", [b"ids=11,12"]), ('{"ids": [{ids}]}', [b'{"ids": [11,12]}'])]
)
def test_batches(body: str, sent: list[bytes]) -> None:
    chapter = ChapterTable(method="POST", body=body, rows="article", id="@id", content="div@html")
    table = a_table("url:/toc", chapter, method="GET", batch="/texts?ids={ids}")
    follow = first_page(table)
    assert (follow.method, follow.body, follow.context) == ("GET", b"", {"novel": "7"})
    texts = read(table, answer(follow, ROWS)).follow[0]
    assert (texts.url, texts.batch) == (f"{ROOT}/texts", 20)
    assert [one.body for one in texts.batches({"11", "12"})] == sent


def test_texts_and_their_parts() -> None:
    chapter = ChapterTable(method="POST", content="div@html", next_part="a.next@href")
    table = a_table("url:/toc", chapter, request="a@href | after:/c/ | url:/text?c={}")
    texts = read(table, answer(first_page(table), ROWS)).follow
    assert [(one.url, one.body, one.chapters) for one in texts] == [
        (f"{ROOT}/text", b"c=11", ("11",)),
        (f"{ROOT}/text", b"c=12", ("12",)),
    ]
    html = b"<div>Text.</div><a class=next href='/text?c=11&amp;part=2'>Next</a>"
    page = Page(f"{ROOT}/text", PageKind.CHAPTER, html, chapters=("11",), method="POST")
    part = read(table, page).follow[0]
    assert (part.url, part.body, part.part) == (f"{ROOT}/text", b"c=11&part=2", 1)


def test_a_body_that_names_what_the_address_lacks() -> None:
    with pytest.raises(PageChanged, match="names page, which the address has not"):
        first_page(a_table("url:/toc?book={novel}", body="book={book}&page={page}"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ChapterListTable(rows="li", body="a=1"), "A request with a body has the method POST"),
        (lambda: ChapterListTable(rows="li", headers={"Cookie": "a"}), "the spider sends it"),
        (lambda: ChapterTable(content="p", headers={"a b": "c"}), "no request can have"),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1"),
                chapters=ChapterListTable(rows="li", method="POST"),
                chapter=CHAPTER,
            ),
            "chapter_list='url:/ajax/toc",
        ),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1", first_chapter="a@href"),
                chapter=ChapterTable(content="p", next_chapter="a@href", method="POST"),
            ),
            "requested with GET",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_an_error_at_construction(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make()
