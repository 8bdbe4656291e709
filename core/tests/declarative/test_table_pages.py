"""Sites of other forms than the usual one, each read by a table: the right items and requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from novel_core import (
    Access,
    Blocked,
    Chapter,
    ChapterListTable,
    ChapterRef,
    ChapterTable,
    DeclarativeParser,
    Follow,
    Gated,
    Locked,
    LoginRequired,
    Maintenance,
    NotFound,
    NotYet,
    Novel,
    NovelTable,
    Page,
    PageChanged,
    PageKind,
    PageNumbers,
    PageRequest,
    Parsed,
    SiteTable,
    SourceError,
    Stated,
    UrlKind,
    UrlMatch,
)

ROOT = "https://example.org"
NOVEL = f"{ROOT}/book/7"
_URL = re.compile(r"https://example\.org/book/(\d+)(?:/c/([\w-]+))?/?(?:\?.*)?")


def match_url(url: str) -> UrlMatch | None:
    found = _URL.fullmatch(url)
    if found is None:
        return None
    novel = f"{ROOT}/book/{found[1]}"
    if found[2] is None:
        return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
    return UrlMatch(
        UrlKind.CHAPTER, f"{novel}/c/{found[2]}", found[1], chapter_id=found[2], novel_url=novel
    )


def page(body: object, url: str = NOVEL, **more: Any) -> Page:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = more.pop("kind", PageKind.INDEX)
    return Page(url, kind, text.encode(), requested_url=url, **more)


def read(table: SiteTable, found: Page, time_zone: str = "UTC") -> Parsed:
    parser = DeclarativeParser(table, match_url=match_url, version="1", time_zone=time_zone)
    return parser.parse(found)


def refs(parsed: Parsed) -> list[ChapterRef]:
    return [item for item in parsed.items if isinstance(item, ChapterRef)]


def chapters(parsed: Parsed) -> list[Chapter]:
    return [item for item in parsed.items if isinstance(item, Chapter)]


def a_list(parsed: Parsed) -> list[tuple[str, str | None]]:
    return [(ref.source_id, ref.volume) for ref in refs(parsed)]


NOVEL_TABLE = NovelTable(title="h1")
CHAPTER_TABLE = ChapterTable(content="article@html")
HTML = "<h1>A Tale</h1>"

#: HTML for readers, and an API of JSON that has the list and the texts.
API = SiteTable(
    novel=NovelTable(
        title="h1",
        chapter_list="page:url | url:/api/posts?book={novel}&per_page=2",
    ),
    chapters=ChapterListTable(
        form="json",
        rows="@",
        id="id",
        link="link",
        title="title.rendered | text",
        published="date_gmt | date",
        edited="modified_gmt | date",
        locked="protected",
        statistics={"words": "words", "likes": "likes"},
        batch="/api/posts?include={ids}&fields=content",
        batch_size=50,
        stated="header:x-total",
        next_page=PageNumbers(query="page", last="header:x-pages"),
    ),
    chapter=ChapterTable(
        form="json",
        rows="@",
        id="id",
        link="link",
        title="title.rendered | text",
        content="content.rendered",
        edited="modified_gmt | date",
        drop=(".share", "xpath:.//*[@id='ad']"),
    ),
)
POSTS = [
    {
        "id": 11,
        "link": f"{NOVEL}/c/one",
        "title": {"rendered": "One &amp; <em>Salt</em>"},
        "date_gmt": "2026-01-02T03:04:05",
        "modified_gmt": "2026-01-05T00:00:00",
        "words": 900,
        "likes": 4,
        "content": {"rendered": '<p>Text.</p><div class="share"><b>x</b></div><p id="ad">y</p>'},
    },
    {"id": 12, "link": f"{NOVEL}/c/two", "title": {"rendered": "Two"}, "protected": True},
    {"id": 13, "link": f"{NOVEL}/c/three", "title": {"rendered": ""}, "words": -1},
]


def test_a_list_of_json_with_the_texts_in_html() -> None:
    parsed = read(API, page(HTML))
    [novel] = parsed.items
    assert isinstance(novel, Novel)
    assert list(parsed.follow) == [
        Follow(
            f"{ROOT}/api/posts?book=7&per_page=2",
            PageKind.INDEX,
            position=1,
            context={"novel": "7"},
        )
    ]
    url = parsed.follow[0].url
    parsed = read(API, page(POSTS, url, position=1, headers={"x-total": "5", "x-pages": "3"}))
    one, two, three = refs(parsed)
    assert (one.source_id, one.url, one.title) == ("11", f"{NOVEL}/c/one", "One & Salt")
    assert one.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert one.edited_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert one.statistics is not None
    assert (one.statistics.words, one.statistics.other) == (900, {"likes": 4})
    assert (two.access, three.access) == (Access.LOCKED, Access.FREE)
    assert (three.title, three.statistics and three.statistics.words) == ("13", None)
    assert list(parsed.stated) == [Stated(chapters=5)]
    batch, more = parsed.follow
    assert (batch.url, batch.batch) == (f"{ROOT}/api/posts?include={{ids}}&fields=content", 50)
    assert (batch.chapters, batch.kind) == (("11", "13"), PageKind.CHAPTER)
    assert (more.url, more.position) == (f"{ROOT}/api/posts?book=7&per_page=2&page=2", 2)
    assert any("words -1 is left out" in warning for warning in parsed.warnings)
    last = f"{ROOT}/api/posts?book=7&per_page=2&page=3"
    parsed = read(API, page(POSTS[:1], last, position=3, headers={"x-pages": "3"}))
    assert [follow.kind for follow in parsed.follow] == [PageKind.CHAPTER]


def test_the_novels_id_stands_in_addresses_of_pages_that_do_not_say_it() -> None:
    table = SiteTable(
        novel=NovelTable(title="h1", chapter_list="a.list@href"),
        chapters=ChapterListTable(
            form="json",
            rows="rows",
            id="id",
            link="id | url:/book/{novel}/c/{}",
            batch="/api/{novel}/texts?ids={ids}",
            next_page="more",
        ),
        chapter=ChapterTable(form="json", content="text"),
    )
    [follow] = read(table, page(f'{HTML}<a class=list href="/list.json">')).follow
    body = {"rows": [{"id": 1}], "more": "/list.json?2"}
    parsed = read(table, page(body, follow.url, position=1, context=follow.context))
    assert refs(parsed)[0].url == f"{NOVEL}/c/1"
    batch, more = parsed.follow
    assert batch.url == f"{ROOT}/api/7/texts?ids={{ids}}"
    assert more.context == {"novel": "7"}
    unknown = read(table, page(body, follow.url, position=1))
    assert any("id of the novel is not known" in warning for warning in unknown.warnings)


def test_a_page_without_the_address_of_its_list_has_changed() -> None:
    novel = NovelTable(title="h1", chapter_list="a.list@href")
    table = API.model_copy(update={"novel": novel})
    assert read(table, page(f'{HTML}<a class=list href="/list">')).follow[0].url == f"{ROOT}/list"
    with pytest.raises(PageChanged, match="no address of the chapter list"):
        read(table, page(HTML))


def test_texts_of_json_for_many_chapters() -> None:
    url = f"{ROOT}/api/posts?include=11,13&fields=content"
    asked = page(POSTS, url, kind=PageKind.CHAPTER, chapters=("11", "13"))
    parsed = read(API, asked)
    [one] = chapters(parsed)
    assert (one.source_id, one.url, one.title) == ("11", f"{NOVEL}/c/one", "One & Salt")
    assert one.content_html == "<p>Text.</p>"
    assert one.edited_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert any("Chapter 13 has no text" in warning for warning in parsed.warnings)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<title>Please wait</title>", "HTML where JSON was expected: Please wait"),
        ({"code": "rest_no_route", "message": "No route"}, "1 of the 1 rows .* have no id"),
        ([], "no chapter list"),
        ([{"name": "x"}, {"name": "y"}], "2 of the 2 rows of the chapter list have no id"),
    ],
)
def test_an_api_that_answers_something_else_has_changed(body: object, words: str) -> None:
    with pytest.raises(PageChanged, match=words):
        read(API, page(body, f"{ROOT}/api/posts?book=7", position=1))


def test_an_id_without_a_link() -> None:
    table = SiteTable(
        novel=NovelTable(form="json", title="name", outcomes={"not_found": "error"}),
        chapters=ChapterListTable(
            form="json",
            rows="parts",
            id="id",
            link="id | url:/book/7/c/{}",
            request="id | url:/api/parts/{}",
            title="name",
            next_page="next",
        ),
        chapter=ChapterTable(form="json", content="text | paragraphs", title="name"),
    )
    body: dict[str, Any] = {"name": "A Tale", "parts": [{"id": "a/b&c", "name": "One"}]}
    parsed = read(table, page(body))
    [ref] = refs(parsed)
    assert (ref.source_id, ref.url) == ("a/b&c", f"{ROOT}/book/7/c/a/b%26c")
    [follow] = parsed.follow
    assert (follow.url, follow.chapters) == (f"{ROOT}/api/parts/a/b%26c", ("a/b&c",))
    with pytest.raises(NotFound, match="The site says: gone"):
        read(table, page({"error": "gone"}))
    asked = page({"text": "One\n\n<Two>"}, follow.url, kind=PageKind.CHAPTER, chapters=("9",))
    [text] = chapters(read(table, asked))
    assert (text.content_html, text.title) == ("<p>One</p><p>&lt;Two&gt;</p>", "9")


def html_list(rows: str, chapters: Mapping[str, Any], **more: Any) -> Parsed:
    table = SiteTable(
        novel=NOVEL_TABLE, chapters=ChapterListTable(**chapters), chapter=CHAPTER_TABLE
    )
    return read(table, page(f"{HTML}<div id=list>{rows}</div>", **more))


def row(name: str) -> str:
    return f'<p><a href="/book/7/c/{name}">{name}</a></p>'


HEADINGS = (
    row("zero") + "<h3>Volume 1</h3>" + row("one") + row("two") + "<h3>Volume 2</h3>" + row("three")
)


def test_headings_between_rows_open_volumes() -> None:
    table = {"rows": "#list > *", "heading": "h3"}
    first = html_list(HEADINGS, table)
    expected = [("zero", None), ("one", "Volume 1"), ("two", None), ("three", "Volume 2")]
    assert a_list(first) == expected
    assert not first.warnings
    # The next page goes on in the volume that the page before it has left open.
    more = html_list(row("four") + "<h3>Volume 3</h3>" + row("five"), table, position=1)
    assert a_list(more) == [("four", None), ("five", "Volume 3")]


def test_headings_of_a_list_that_is_newest_first() -> None:
    table = {
        "rows": "#list > *",
        "heading": "h3",
        "newest_first": True,
        "next_page": "a.older@href",
    }
    newest = "<h3>Volume 2</h3>" + row("four") + row("three") + "<h3>Volume 1</h3>" + row("two")
    older = '<a class=older href="?page=2">older</a>'
    parsed = html_list(newest, table)
    assert a_list(parsed) == [("two", "Volume 1"), ("three", "Volume 2"), ("four", None)]
    parsed = html_list(row("news") + newest + older, {**table, "rows": "#list > :not(.older)"})
    assert a_list(parsed)[-2:] == [("four", None), ("news", "")]
    follow = parsed.follow[-1]
    assert (follow.position, follow.context) == (-1, {"volume": "Volume 1"})
    rest = html_list(
        row("one") + "<h3>Prologue</h3>" + row("zero"),
        table,
        position=-1,
        context=follow.context,
    )
    assert a_list(rest) == [("zero", "Prologue"), ("one", "Volume 1")]


def test_a_volume_in_each_row() -> None:
    rows = (
        '<p><a href="/book/7/c/1">1</a><i>A</i></p><p><a href="/book/7/c/2">2</a><i>A</i></p>'
        '<p><a href="/book/7/c/3">3</a><i></i></p><p><a href="/book/7/c/4">4</a></p>'
        '<p><a href="/book/7/c/5">5</a><i>A</i></p>'
    )
    parsed = html_list(rows, {"rows": "#list p", "volume": "i", "volume_in_each_row": True})
    assert a_list(parsed) == [("1", "A"), ("2", None), ("3", ""), ("4", None), ("5", "A")]
    with pytest.raises(ValueError, match="volume_in_each_row needs the selector of the volume"):
        ChapterListTable(rows="p", volume_in_each_row=True)


#: A list of JSON in which only the first part of a volume names it.
PARTS: list[dict[str, Any]] = [
    {"id": 1, "access": "plus", "volume": "A"},
    {"id": 2, "access": "open"},
    {"id": 3, "access": "open", "volume": None},
    {"id": 4, "access": "open", "volume": "B"},
    {"id": 5, "access": None, "volume": ""},
]


def parts_list(rows: list[dict[str, Any]], *, position: int = 1, **more: Any) -> Parsed:
    chapters = ChapterListTable(
        form="json", rows="parts", id="id", link="id | url:/book/7/c/{}", title="id", **more
    )
    table = SiteTable(
        novel=NovelTable(form="json", title="title"), chapters=chapters, chapter=CHAPTER_TABLE
    )
    return read(table, page({"parts": rows}, position=position))


@pytest.mark.parametrize("column", ["volume", "heading"])
def test_a_volume_in_its_first_row_only(column: str) -> None:
    expected = [("1", "A"), ("2", None), ("3", None), ("4", "B"), ("5", None)]
    assert a_list(parts_list(PARTS, **{column: "volume"})) == expected
    # The next page goes on in the volume that the page before it has left open.
    more = parts_list(PARTS[1:], position=2, **{column: "volume"})
    assert a_list(more) == [("2", None), ("3", None), ("4", "B"), ("5", None)]


def test_a_volume_in_the_first_row_of_a_list_that_is_newest_first() -> None:
    def a_row(name: str, volume: str = "") -> str:
        return f'<p><a href="/book/7/c/{name}">{name}</a><i>{volume}</i></p>'

    table = {
        "rows": "#list p",
        "volume": "i",
        "newest_first": True,
        "next_page": "a.older@href",
    }
    older = '<a class=older href="?page=2">older</a>'
    first = html_list(a_row("5", "B") + a_row("4") + a_row("3", "A") + older, table)
    assert a_list(first) == [("3", "A"), ("4", "B"), ("5", None)]
    context = first.follow[-1].context
    rest = html_list(a_row("2") + a_row("1"), table, position=-1, context=context)
    assert a_list(rest) == [("1", "A"), ("2", None)]


def test_a_heading_that_links_to_its_first_chapter_is_no_second_row_of_it() -> None:
    heading = '<h3><a href="/book/7/c/{0}">Volume {0}</a></h3>'
    rows = heading.format(1) + row("1") + row("2") + heading.format(3) + row("3")
    parsed = html_list(rows, {"rows": "#list > *", "heading": "xpath:self::h3"})
    assert [(ref.title, ref.volume) for ref in refs(parsed)] == [
        ("1", "Volume 1"),
        ("2", None),
        ("3", "Volume 3"),
    ]
    assert not parsed.warnings


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        ("access | regex:^plus$", ["1"]),
        ("access | map:plus=yes,open=no | regex:yes", ["1"]),
        ("access | map:plus=1,open=0", ["1"]),
        ("access | after:pl", ["1"]),
        ("access == 'plus'", ["1"]),
        ("access", ["1", "2", "3", "4"]),
        (("nothing", "access | regex:^plus$"), ["1"]),
    ],
)
def test_a_locked_chapter_by_a_value(locked: str, expected: list[str]) -> None:
    parsed = parts_list(PARTS, locked=locked)
    assert [ref.source_id for ref in refs(parsed) if ref.access is Access.LOCKED] == expected


@pytest.mark.parametrize("no", [False, None, 0, "", "false", "False", "0", [], {}, 0.0])
def test_values_that_mean_no(no: object) -> None:
    rows = [{"id": 1, "paid": no}, {"id": 2}, {"id": 3, "paid": True}]
    found = refs(parts_list(rows, locked="paid"))
    assert [ref.access for ref in found] == [Access.FREE, Access.FREE, Access.LOCKED]


def test_a_locked_chapter_by_an_element() -> None:
    rows = (
        '<p><a href="/book/7/c/1">1</a><i data-paid="1"></i></p>'
        '<p><a href="/book/7/c/2">2</a><i data-paid="0"></i></p>'
        '<p><a href="/book/7/c/3">3</a><i>4 coins</i></p><p><a href="/book/7/c/4">4</a></p>'
    )
    for locked, expected in {
        "i": "123",
        "i@data-paid": "1",
        "i | regex:coins": "3",
        "xpath:.//i[@data-paid > 0]": "1",
        "xpath:.//i/@data-paid": "1",
        "xpath:count(.//i)": "123",
    }.items():
        parsed = html_list(rows, {"rows": "#list p", "locked": locked})
        found = [ref.source_id for ref in refs(parsed) if ref.access is Access.LOCKED]
        assert "".join(found) == expected, locked


def test_a_mark_that_cannot_be_read_is_a_warning() -> None:
    parsed = parts_list(PARTS[:2], locked="access | map:plus=yes")
    assert [ref.access for ref in refs(parsed)] == [Access.LOCKED, Access.FREE]
    assert any("mark of a locked chapter is left out" in one for one in parsed.warnings)


def test_a_complete_list_by_a_value() -> None:
    chapters = {"rows": "p", "complete": "b | regex:^withdrawn"}
    assert html_list(row("one") + "<b>withdrawn</b>", chapters).complete_list
    assert not html_list(row("one") + "<b>not withdrawn</b>", chapters).complete_list


def test_the_public_address_of_a_novel_whose_page_is_the_answer_of_an_api() -> None:
    table = SiteTable(
        novel=NovelTable(form="json", title="title", link="id | url:/stories/{}"),
        chapters=ChapterListTable(form="json", rows="parts", id="id", link="id | url:/c/{}"),
        chapter=CHAPTER_TABLE,
    )
    parsed = read(table, page({"id": 7, "title": "Salt", "parts": [{"id": 1}]}))
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert (novel.url, novel.source_id) == (f"{ROOT}/stories/7", "7")


def test_the_page_of_a_post_by_its_place_in_the_list() -> None:
    request = (
        "xpath:concat(//a[@class='reader']/@href, '?page=', 1 + floor(count(preceding::p) div 2))"
    )
    parsed = html_list(
        "<a class=reader href=/reader></a>" + "".join(row(str(n)) for n in range(5)),
        {"rows": "#list p", "request": request},
    )
    assert [(follow.url, follow.chapters) for follow in parsed.follow] == [
        (f"{ROOT}/reader?page=1", ("0", "1")),
        (f"{ROOT}/reader?page=2", ("2", "3")),
        (f"{ROOT}/reader?page=3", ("4",)),
    ]


@pytest.mark.parametrize(
    ("kind", "what"), [(PageKind.INDEX, "a novel's"), (PageKind.CHAPTER, "a chapter's")]
)
def test_an_address_that_match_does_not_know_is_named(kind: PageKind, what: str) -> None:
    url = f"{ROOT}/elsewhere"
    with pytest.raises(PageChanged, match=f"`match` does not know {url} as {what}"):
        read(SiteTable(novel=NOVEL_TABLE, chapter=CHAPTER_TABLE), page(HTML, url, kind=kind))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("not_found", NotFound),
        ("login_required", LoginRequired),
        ("locked", Locked),
        ("gated", Gated),
        ("blocked", Blocked),
        ("not_yet", NotYet),
        ("maintenance", Maintenance),
    ],
)
@pytest.mark.parametrize("kind", [PageKind.INDEX, PageKind.CHAPTER])
@pytest.mark.parametrize("status", [200, 403, 503])
def test_the_outcomes_of_a_table(
    code: Any, error: type[SourceError], kind: PageKind, status: int
) -> None:
    outcomes = {code: ("div.sign@href", "div.sign", "header:x-sign")}
    table = SiteTable(
        novel=NovelTable(title="h1", outcomes=outcomes),
        chapter=ChapterTable(content="article@html", outcomes=outcomes),
    )
    parser = DeclarativeParser(table, match_url=match_url, version="1")
    ask = parser.parse if status == 200 else parser.check
    found = page(f"{HTML}<div class=sign>No.</div>", kind=kind, status=status)
    with pytest.raises(error) as caught:
        ask(found)
    assert "No." in caught.value.message
    # A text is no link that confirms.
    assert getattr(caught.value, "confirm", None) is None
    parser.check(page(HTML, kind=kind, status=status))
    parser.check(page("", kind=kind, status=status))


def test_the_link_of_a_gate() -> None:
    outcomes: Any = {"gated": "a.enter@href"}
    table = SiteTable(novel=NovelTable(title="h1", outcomes=outcomes), chapter=CHAPTER_TABLE)
    with pytest.raises(Gated) as caught:
        read(table, page('<a class="enter" href="/enter?to=7">I am of age</a>'))
    assert caught.value.confirm == PageRequest(f"{ROOT}/enter?to=7")


_GATE = '<div><b>For adults.</b> <p><a class="enter" href="/enter">Go on</a></p></div>'


@pytest.mark.parametrize("selector", ["a.enter@href", "xpath://a/@href", "a.enter@href | lower"])
@pytest.mark.parametrize(
    ("body", "question"),
    [
        (f"<nav>Home</nav><main>{_GATE}</main>", "For adults. Go on"),
        (f"<p>{'Salt. ' * 99}</p>{_GATE}", "For adults. Go on"),
        (f"<section>{'<i>' * 20}{_GATE}", "For adults. Go on"),
        ('<a class="enter" href="/enter">Yes</a>', "Yes"),
    ],
)
def test_a_gate_says_what_the_site_asks(selector: str, body: str, question: str) -> None:
    outcomes: Any = {"gated": selector}
    table = SiteTable(novel=NovelTable(title="h1", outcomes=outcomes), chapter=CHAPTER_TABLE)
    with pytest.raises(Gated) as caught:
        read(table, page(body))
    told = " ".join(caught.value.message.split())
    assert told == f"The site asks to confirm something first: {question}"
    assert caught.value.confirm == PageRequest(f"{ROOT}/enter")


def test_a_gate_without_any_text_names_the_page() -> None:
    outcomes: Any = {"gated": "a.enter@href"}
    table = SiteTable(novel=NovelTable(title="h1", outcomes=outcomes), chapter=CHAPTER_TABLE)
    with pytest.raises(Gated, match=f"{NOVEL} asks to confirm something first"):
        read(table, page('<a class="enter" href="/enter"><img src="/yes.png"></a>'))


def test_an_outcome_by_the_status_or_of_an_api() -> None:
    outcomes: Any = {"not_found": "error.message", "login_required": "page:status == `401`"}
    novel = NovelTable(form="json", title="title", outcomes=outcomes)
    table = SiteTable(novel=novel, chapter=ChapterTable(form="json", content="text"))
    parser = DeclarativeParser(table, match_url=match_url, version="1")
    with pytest.raises(LoginRequired, match="is for members only"):
        parser.check(page("<p>no JSON</p>", status=401))
    with pytest.raises(NotFound, match="The site says: Gone since May"):
        parser.parse(page({"error": {"message": "Gone  since\nMay"}}))
    # A page that cannot be read is what its status says.
    parser.check(page("<p>no JSON</p>", status=404))


def test_an_outcome_that_there_is_not() -> None:
    outcomes: Any = {"page_changed": "div"}
    with pytest.raises(ValueError, match="outcomes"):
        NovelTable(title="h1", outcomes=outcomes)


def test_text_inside_markup_is_removed() -> None:
    content = r"article@html | remove:(?<=<blockquote>)[^<>:]{1,80} said:\s*"
    table = SiteTable(novel=NOVEL_TABLE, chapter=ChapterTable(content=content))
    body = "<article><blockquote>Ann said: <p>Salt.</p></blockquote><p>Bo said: no.</p></article>"
    [text] = chapters(read(table, page(body, f"{NOVEL}/c/1", kind=PageKind.CHAPTER)))
    expected = "<blockquote><p>Salt.</p></blockquote><p>Bo said: no.</p>"
    assert text.content_html == expected
    with pytest.raises(ValueError, match="is no regular expression"):
        ChapterTable(content="article@html | remove:(")


def test_groups_of_rows_are_volumes() -> None:
    rows = (
        f"<section><h3>A</h3>{row('1')}{row('2')}</section><section>{row('3')}</section>"
        f"<section><h3>B</h3>{row('4')}</section>"
    )
    parsed = html_list(rows, {"groups": "section", "heading": "h3", "rows": "p"})
    assert a_list(parsed) == [("1", "A"), ("2", None), ("3", ""), ("4", "B")]
    table = SiteTable(
        novel=NovelTable(form="json", title="title"),
        chapters=ChapterListTable(
            form="json", groups="volumes", heading="name", rows="parts", link="url", title="name"
        ),
        chapter=CHAPTER_TABLE,
    )
    volumes = [
        {"name": "A", "parts": [{"url": "/book/7/c/1", "name": "One"}]},
        {"name": None, "parts": [{"url": "/book/7/c/2", "name": "Two"}]},
    ]
    parsed = read(table, page({"title": "A Tale", "volumes": volumes}))
    assert a_list(parsed) == [("1", "A"), ("2", "")]


def test_headings_among_rows_of_json() -> None:
    table = SiteTable(
        novel=NovelTable(form="json", title="title"),
        chapters=ChapterListTable(
            form="json", rows="list", heading="type == 'volume' && name || null", link="url",
            title="name",
        ),
        chapter=CHAPTER_TABLE,
    )  # fmt: skip
    rows = [
        {"type": "volume", "name": "A"},
        {"type": "part", "name": "One", "url": "/book/7/c/1"},
        {"type": "part", "name": "Two", "url": "/book/7/c/2"},
    ]
    parsed = read(table, page({"title": "A Tale", "list": rows}))
    assert a_list(parsed) == [("1", "A"), ("2", None)]
    assert [ref.title for ref in refs(parsed)] == ["One", "Two"]


@pytest.mark.parametrize(
    ("numbers", "url", "body", "expected"),
    [
        (PageNumbers(query="p", last="b.last | number"), NOVEL, "<b class=last>3 pages</b>", f"{NOVEL}?p=2"),
        (PageNumbers(query="p", last="b.last | number"), f"{NOVEL}?p=3", "<b class=last>3</b>", None),
        (PageNumbers(query="p", last="b.last | number"), NOVEL, "", None),
        (PageNumbers(query="p", total="i | number", per_page=2), NOVEL, "<i>3</i>", f"{NOVEL}?p=2"),
        (PageNumbers(query="p", total="i | number", per_page=2), NOVEL, "<i>2</i>", None),
        (PageNumbers(query="p", total="i | number", per_page=2), f"{NOVEL}?x=%C3%A9&p=2&y=", "<i>5</i>",
         f"{NOVEL}?x=%C3%A9&y=&p=3"),
        (PageNumbers(query="start", first=0, step=2, total="i"), NOVEL, "<i>3</i>", f"{NOVEL}?start=2"),
        (PageNumbers(query="start", first=0, step=2, total="i"), f"{NOVEL}?start=2", "<i>4</i>", None),
        (PageNumbers(query="start", first=0, step=2, total="i"), f"{NOVEL}?start=2", "<i>5</i>", f"{NOVEL}?start=4"),
        (PageNumbers(query="p", first=0, last="i"), NOVEL, "<i>1</i>", f"{NOVEL}?p=1"),
        (PageNumbers(query="p", per_page=2), f"{NOVEL}?p=9", "", f"{NOVEL}?p=10"),
        (PageNumbers(query="p", per_page=3), f"{NOVEL}?p=9", "", None),
        (PageNumbers(query="p", last="i"), f"{NOVEL}?p={'9' * 5000}", "<i>2</i>", f"{NOVEL}?p=2"),
        (PageNumbers(query="p", last="i"), f"{NOVEL}?p=first", "<i>2</i>", f"{NOVEL}?p=2"),
        (PageNumbers(path="/page/{}/", last="i"), f"{NOVEL}/", "<i>2</i>", f"{NOVEL}/page/2/"),
        (PageNumbers(path="page-{}", last="i"), f"{NOVEL}/page-2?a=1", "<i>3</i>", f"{NOVEL}/page-3?a=1"),
        (PageNumbers(path="page-{}", last="i"), f"{NOVEL}/page-3", "<i>3</i>", None),
    ],
)  # fmt: skip
def test_the_next_page_is_computed(
    numbers: PageNumbers, url: str, body: str, expected: str | None
) -> None:
    chapters = ChapterListTable(rows="p", next_page=numbers)
    table = SiteTable(novel=NOVEL_TABLE, chapters=chapters, chapter=CHAPTER_TABLE)
    found = page(HTML + row("one") + row("two") + body, url, position=1)
    follows = [one.url for one in read(table, found).follow if one.kind is PageKind.INDEX]
    assert follows == ([expected] if expected else [])


def test_a_page_after_the_last_one_is_empty_where_nothing_says_the_last() -> None:
    chapters = ChapterListTable(rows="p", next_page=PageNumbers(query="p", per_page=2))
    table = SiteTable(novel=NOVEL_TABLE, chapters=chapters, chapter=CHAPTER_TABLE)
    parsed = read(table, page(HTML, f"{NOVEL}?p=3", position=2))
    assert (list(parsed.items), list(parsed.follow)) == ([], [])
    said = ChapterListTable(rows="p", next_page=PageNumbers(query="p", last="i"))
    table = SiteTable(novel=NOVEL_TABLE, chapters=said, chapter=CHAPTER_TABLE)
    with pytest.raises(PageChanged, match="no chapter list"):
        read(table, page(HTML, f"{NOVEL}?p=3", position=2))


def test_a_site_that_repeats_its_last_page_is_not_read_for_ever() -> None:
    chapters = ChapterListTable(rows="p", next_page=PageNumbers(query="p", per_page=2))
    table = SiteTable(novel=NOVEL_TABLE, chapters=chapters, chapter=CHAPTER_TABLE)
    body = HTML + row("one") + row("two")
    follow = read(table, page(body)).follow[-1]
    other = HTML + row("three") + row("four")
    last = read(table, page(other, follow.url, position=1, context=follow.context)).follow[-1]
    assert last.url == f"{NOVEL}?p=3"
    again = read(table, page(other, last.url, position=2, context=last.context))
    assert all(one.kind is PageKind.CHAPTER for one in again.follow)


@pytest.mark.parametrize("selector", ["i", "i | number"])
def test_a_number_of_pages_that_cannot_be_read_does_not_end_the_list(selector: str) -> None:
    with pytest.raises(PageChanged, match="number of pages"):
        html_list(
            row("one") + "<i>many</i>",
            {"rows": "p", "next_page": PageNumbers(query="p", last=selector)},
        )


@pytest.mark.parametrize("total", ["many", "9" * 5000, "-1", "1.5"])
def test_a_total_that_is_no_number_is_left_out(total: str) -> None:
    rows = row("one") + f"<i>{total}</i>"
    parsed = html_list(rows, {"rows": "p", "stated": "i", "stated_words": "b"})
    assert not parsed.stated
    assert any("stated number of chapters is left out" in one for one in parsed.warnings)


#: A forum: posts of one thread on many pages, of which some are chapters.
THREAD = SiteTable(
    novel=NOVEL_TABLE,
    chapters=ChapterListTable(
        rows="li", id="a@href | regex:#post-(\\d+)", edited="time@datetime | date"
    ),
    chapter=ChapterTable(
        rows="article", id="@data-id", title=".mark", content=".text@html", drop=".ad",
        link="a.permalink@href", statistics={"likes": ".likes | number"},
    ),
)  # fmt: skip
POST = (
    '<article data-id="{0}"><b class=mark>Mark {0}</b><div class=text>Text {0}<p class=ad>x</p></div>'
    '<a class=permalink href="/book/7/page-2#post-{0}">#</a><i class=likes>3 likes</i></article>'
)


def test_several_chapters_on_a_page() -> None:
    rows = "".join(
        f'<li><a href="/book/7/page-{number}#post-{post}">Mark</a></li>'
        for number, post in ((1, 4), (2, 7), (2, 9))
    )
    parsed = read(THREAD, page(f"{HTML}<ol>{rows}</ol>"))
    assert [(one.url, one.chapters) for one in parsed.follow] == [
        (f"{NOVEL}/page-1", ("4",)),
        (f"{NOVEL}/page-2", ("7", "9")),
    ]
    assert refs(parsed)[1].url == f"{NOVEL}/page-2#post-7"
    posts = POST.format(7) + POST.format(8) + POST.format(9)
    asked = page(posts, f"{NOVEL}/page-2", kind=PageKind.CHAPTER, chapters=("7", "9"))
    parsed = read(THREAD, asked)
    assert [(one.source_id, one.title, one.content_html) for one in chapters(parsed)] == [
        ("7", "Mark 7", "Text 7"),
        ("9", "Mark 9", "Text 9"),
    ]
    assert chapters(parsed)[0].url == f"{NOVEL}/page-2#post-7"
    statistics = chapters(parsed)[0].statistics
    assert statistics is not None
    assert statistics.other == {"likes": 3}
    assert not parsed.warnings


def test_a_page_of_several_chapters_that_lacks_some() -> None:
    url = f"{NOVEL}/page-2"
    asked = page(POST.format(7), url, kind=PageKind.CHAPTER, chapters=("7", "9"))
    assert [one.source_id for one in chapters(read(THREAD, asked))] == ["7"]
    other = page(POST.format(8), url, kind=PageKind.CHAPTER, chapters=("7", "9"))
    with pytest.raises(PageChanged, match="no chapter"):
        read(THREAD, other)
    unasked = page(POST.format(7) + POST.format(8), url, kind=PageKind.CHAPTER)
    assert [one.source_id for one in chapters(read(THREAD, unasked))] == ["7", "8"]


def test_a_locked_chapter_among_several_on_a_page() -> None:
    chapter = ChapterTable(rows="article", id="@data-id", content=".text@html", locked="i.lock")
    table = SiteTable(novel=NOVEL_TABLE, chapters=THREAD.chapters, chapter=chapter)
    posts = (
        POST.format(7) + '<article data-id="9"><b class=mark>Nine</b><i class=lock></i></article>'
    )
    asked = page(posts, f"{NOVEL}/page-2", kind=PageKind.CHAPTER, chapters=("7", "9"))
    parsed = read(table, asked)
    assert [one.source_id for one in chapters(parsed)] == ["7"]
    assert [(one.source_id, one.access) for one in refs(parsed)] == [("9", Access.LOCKED)]
    assert not parsed.warnings
    with pytest.raises(ValidationError, match="outcomes"):
        ChapterTable(content="article@html", locked="i.lock")


FEED = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Salt Road</title><description>Of salt.</description>
<item><title>Two</title><link>/book/7/c/two</link><guid>p2</guid>
<pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate>
<content:encoded>&lt;p&gt;Text two.&lt;/p&gt;&lt;p class="share"&gt;x&lt;/p&gt;</content:encoded></item>
<item><title>One</title><link>/book/7/c/one</link><guid>p1</guid></item></channel></rss>"""


def test_a_feed_carries_the_newest_chapters() -> None:
    table = SiteTable(
        novel=NovelTable(form="feed", title="title", description="description_html"),
        chapters=ChapterListTable(
            form="feed",
            rows="entries",
            link="url",
            title="title",
            published="published | date",
            newest_first=True,
            texts=True,
            partial=True,
            next_page="next_page",
        ),
        chapter=ChapterTable(form="feed", content="content_html", drop=".share"),
    )
    parsed = read(table, page(FEED))
    assert parsed.partial_list
    assert [(ref.source_id, ref.title) for ref in refs(parsed)] == [("one", "One"), ("two", "Two")]
    [text] = chapters(parsed)
    assert (text.source_id, text.content_html) == ("two", "<p>Text two.</p>")
    assert text.title == "Two"
    assert text.url == f"{NOVEL}/c/two"
    assert [follow.url for follow in parsed.follow] == [f"{NOVEL}/c/one"]


def test_a_list_of_xml() -> None:
    table = SiteTable(
        novel=NovelTable(form="xml", title="xpath:/book/dc:title", authors="author"),
        chapters=ChapterListTable(
            form="xml", rows="xpath://part", id="@n", link="@n | url:/book/7/c/{}", title="name"
        ),
        chapter=ChapterTable(form="xml", content="text", title="xpath:/part/name", drop=".ad"),
    )
    body = (
        '<?xml version="1.0"?><book xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:title>A Tale</dc:title><author href="/user/5">Ann</author>'
        '<part n="1"><name>One</name></part><part n="2"><name>Two</name></part></book>'
    )
    parsed = read(table, page(body))
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert (novel.title, novel.authors[0].name) == ("A Tale", "Ann")
    assert novel.authors[0].url == f"{ROOT}/user/5"
    assert [(ref.source_id, ref.title) for ref in refs(parsed)] == [("1", "One"), ("2", "Two")]
    text = "<part><name>One</name><text><![CDATA[<p>Text.</p><p class=ad>x</p>]]></text></part>"
    [chapter] = chapters(read(table, page(text, f"{NOVEL}/c/1", kind=PageKind.CHAPTER)))
    assert (chapter.title, chapter.content_html) == ("One", "<p>Text.</p>")


def test_the_json_of_a_script() -> None:
    state = {
        "work": {
            "title": "A Tale",
            "authors": [{"name": "Ann", "url": "/user/5", "id": 5}, {"name": "Bo"}],
            "blurb": "One\nTwo",
            "open": False,
            "parts": [{"id": 1, "name": "One", "paid": False}, {"id": 2, "name": "Two", "paid": 1}],
        }
    }
    table = SiteTable(
        novel=NovelTable(
            root="script:#state >> work",
            title="title",
            authors="authors",
            author_name="name",
            author_url="url",
            author_id="id",
            description="blurb | paragraphs",
            status="open | map:true=ongoing,false=completed",
            language="css:html@lang",
            outcomes={"not_found": "css:div.gone"},
        ),
        chapters=ChapterListTable(
            root="script:#state >> work",
            rows="parts",
            id="id",
            link="id | url:/book/7/c/{}",
            title="name",
            locked="paid",
        ),
        chapter=CHAPTER_TABLE,
    )
    script = f'<script id="state" type="application/json">{json.dumps(state)}</script>'
    parsed = read(table, page(f'<html lang="ja">{script}</html>'))
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert [(one.name, one.source_id, one.url) for one in novel.authors] == [
        ("Ann", "5", f"{ROOT}/user/5"),
        ("Bo", None, None),
    ]
    assert (novel.description_html, novel.status) == ("<p>One</p><p>Two</p>", "completed")
    assert novel.language == "ja"
    assert [ref.access for ref in refs(parsed)] == [Access.FREE, Access.LOCKED]
    with pytest.raises(PageChanged, match="no part that the table is about") as caught:
        read(table, page("<p>A new layout</p>"))
    assert caught.value.selector == "script:#state >> work"
    with pytest.raises(NotFound, match="Withdrawn"):
        read(table, page("<div class=gone>Withdrawn</div>"))
    with pytest.raises(
        PageChanged, match="The script #state holds no JSON: The page's JSON is cut"
    ):
        read(table, page(script.replace("}]}}", "")))


def test_the_series_of_a_novel() -> None:
    table = SiteTable(
        novel=NovelTable(
            title="h1",
            series=".series",
            series_name="a",
            series_url="a@href",
            series_number="b | number",
            series_id="a@href | regex:/s/([0-9]+)",
        ),
        chapter=CHAPTER_TABLE,
    )
    body = (
        '<p class=series>Part <b>2.5</b> of <a href="/s/3">Salt Roads</a></p>'
        "<p class=series>Part <b>?</b> of <a>Lamps</a></p><article>Text.</article>"
    )
    parsed = read(table, page(HTML + body))
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert [(one.name, one.url, one.number, one.source_id) for one in novel.series] == [
        ("Salt Roads", f"{ROOT}/s/3", 2.5, "3"),
        ("Lamps", None, None, None),
    ]
    assert any("number in the series is left out" in warning for warning in parsed.warnings)
    links = SiteTable(novel=NovelTable(title="h1", series=".series a"), chapter=CHAPTER_TABLE)
    novel = read(links, page(HTML + body)).items[0]
    assert isinstance(novel, Novel)
    assert [(one.name, one.url) for one in novel.series] == [
        ("Salt Roads", f"{ROOT}/s/3"),
        ("Lamps", None),
    ]


def test_a_script_of_another_kind_is_left_out() -> None:
    table = SiteTable(
        novel=NovelTable(title="h1", type="script:window.type= >> name"),
        chapters=ChapterListTable(rows="p"),
        chapter=CHAPTER_TABLE,
    )
    parsed = read(table, page(f"{HTML}<script>window.type = load('x');</script>"))
    [novel] = [item for item in parsed.items if isinstance(item, Novel)]
    assert novel.type is None
    assert any("window.type= holds no JSON" in warning for warning in parsed.warnings)


def test_the_novels_page_carries_the_text() -> None:
    table = SiteTable(novel=NOVEL_TABLE, chapter=ChapterTable(content="article@html", title="h1"))
    parsed = read(table, page(f"{HTML}<article>Text.</article>"))
    [novel, chapter] = parsed.items
    assert isinstance(chapter, Chapter)
    assert (novel.title, chapter.source_id, chapter.content_html) == ("A Tale", "7", "Text.")
    assert (chapter.title, list(parsed.follow)) == ("A Tale", [])
    with pytest.raises(PageChanged, match="no text"):
        read(table, page(HTML))


def test_the_novels_page_carries_the_texts_of_all_chapters() -> None:
    table = SiteTable(
        novel=NOVEL_TABLE,
        chapter=ChapterTable(rows="section", id="@id", title="h2", content="div@html"),
    )
    body = "".join(
        f"<section id=c{n}><h2>Part {n}</h2><div>Text {n}</div></section>" for n in (1, 2)
    )
    parsed = read(table, page(HTML + body))
    assert [(one.source_id, one.title, one.content_html) for one in chapters(parsed)] == [
        ("c1", "Part 1", "Text 1"),
        ("c2", "Part 2", "Text 2"),
    ]


WALK = SiteTable(
    novel=NovelTable(title="h1", first_chapter="a.start@href"),
    chapter=ChapterTable(content="article@html", next_chapter="a.next@href"),
)


def test_a_site_without_a_list_is_walked() -> None:
    parsed = read(WALK, page(f'{HTML}<a class=start href="/book/7/c/1">Start</a>'))
    assert list(parsed.follow) == [Follow.next_chapter(f"{NOVEL}/c/1", "1")]
    with pytest.raises(PageChanged, match="no link to the first chapter"):
        read(WALK, page(f'{HTML}<a class=start href="/login">Start</a>'))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/book/7/c/2", "2"),
        ("/book/7", None),
        ("/book/7/c/1#top", None),
        ("/book/8/c/1", None),
        ("/login", None),
        ("#", None),
        ("", None),
    ],
)
def test_the_next_chapter_of_a_walk(link: str, expected: str | None) -> None:
    body = f'<article>Text.</article><a class=next href="{link}">Next</a>'
    parsed = read(WALK, page(body, f"{NOVEL}/c/1", kind=PageKind.CHAPTER, chapters=("1",)))
    assert [follow.chapters for follow in parsed.follow] == ([(expected,)] if expected else [])
    assert all(follow.is_walk for follow in parsed.follow)


def test_a_work_without_a_list_is_one_chapter() -> None:
    chapter = ChapterTable(content="article@html", next_part="a.more@href")
    table = SiteTable(
        novel=NOVEL_TABLE, chapters=ChapterListTable(rows="li"), chapter=chapter, one_shots=True
    )
    many = read(table, page(f'{HTML}<ul><li><a href="/book/7/c/1">One</a></ul>'))
    assert [item.source_id for item in many.items] == ["7", "1"]
    one = read(table, page(f'{HTML}<article>Text.</article><a class=more href="?p=2">more</a>'))
    [text] = chapters(one)
    assert (text.source_id, text.part) == ("7", 0)
    [more] = one.follow
    assert (more.url, more.part, more.chapters) == (f"{NOVEL}?p=2", 1, ("7",))
    with pytest.raises(PageChanged, match="no text"):
        read(table, page(HTML))


def test_the_novel_is_a_row_of_a_list_of_works() -> None:
    works = [
        {"count": 2},
        {"n": "8", "t": "Other"},
        {"n": 7, "t": "A Tale", "tags": ["Salt", "Sea"]},
    ]
    table = SiteTable(
        novel=NovelTable(form="json", rows="@", id="n", title="t", tags="tags"),
        chapters=ChapterListTable(form="json", rows="@[?list].list[]", link="url"),
        chapter=CHAPTER_TABLE,
    )
    [novel] = read(table, page(works)).items
    assert isinstance(novel, Novel)
    assert (novel.title, [tag.name for tag in novel.tags]) == ("A Tale", ["Salt", "Sea"])
    with pytest.raises(PageChanged, match="list of works has no novel 7"):
        read(table, page(works[:2]))
    html = SiteTable(
        novel=NovelTable(rows="article", id="a@href | regex:/book/(\\d+)", title="h2"),
        chapter=CHAPTER_TABLE,
    )
    listed = "".join(
        f'<article><h2>Work {n}</h2><a href="/book/{n}">x</a></article>' for n in (6, 7)
    )
    assert read(html, page(listed)).items[0].title == "Work 7"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026/03/04 05:06", "Asia/Tokyo", datetime(2026, 3, 3, 20, 6, tzinfo=UTC)),
        ("2026-03-04T05:06:07", "America/New_York", datetime(2026, 3, 4, 10, 6, 7, tzinfo=UTC)),
        ("2026-07-04T05:06:07", "America/New_York", datetime(2026, 7, 4, 9, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07Z", "Asia/Tokyo", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 05:06:07 GMT", "Asia/Tokyo", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("1700000000", "Asia/Tokyo", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("20260304", "Asia/Tokyo", datetime(2026, 3, 3, 15, tzinfo=UTC)),
        ("2026年3月4日 05:06", "Asia/Tokyo", datetime(2026, 3, 3, 20, 6, tzinfo=UTC)),
        ("4 марта 2026", "Europe/Moscow", datetime(2026, 3, 3, 21, tzinfo=UTC)),
        ("2026-03-04 05:06", "UTC", datetime(2026, 3, 4, 5, 6, tzinfo=UTC)),
        ("yesterday 23:00", "Asia/Tokyo", datetime(2026, 3, 4, 14, tzinfo=UTC)),
        ("2 hours ago", "Asia/Tokyo", datetime(2026, 3, 4, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_zone_is_in_the_sites(text: str, zone: str, expected: datetime) -> None:
    assert date_of(text, "i | date", zone).published_at == expected
    is_relative = "ago" in text or "yesterday" in text
    assert date_of(text, "i | date", zone).is_approximate == is_relative


def date_of(text: str, selector: str, zone: str) -> ChapterRef:
    chapters = ChapterListTable(rows="p", published=selector)
    table = SiteTable(novel=NOVEL_TABLE, chapters=chapters, chapter=CHAPTER_TABLE)
    body = f'{HTML}<p><a href="/book/7/c/1">One</a> <i>{text}</i></p>'
    fetched = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    [ref] = refs(read(table, page(body, fetched_at=fetched), zone))
    return ref


def test_a_date_of_a_given_form_is_in_the_sites_zone() -> None:
    expected = datetime(2026, 3, 3, 20, 6, tzinfo=UTC)
    written = "i | date:%Y/%m/%d %H:%M"
    assert date_of("2026/03/04 05:06", written, "Asia/Tokyo").published_at == expected
    assert date_of("2026-03-04T05:06", "i", "Asia/Tokyo").published_at == expected


def test_a_wrong_time_zone_is_refused() -> None:
    for name in ("Tokyo", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is no time zone: write a name such as Asia/Tokyo"):
            DeclarativeParser(API, match_url=match_url, version="1", time_zone=name)


def test_a_page_that_cannot_be_read_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = SiteTable(
        novel=NovelTable(title="h1", outcomes={"not_found": "p.gone", "locked": ("p.a", "p.b")}),
        chapters=ChapterListTable(rows="li"),
        chapter=ChapterTable(content="article@html"),
    )
    parser = DeclarativeParser(table, match_url=lambda _: None, version="1")
    read: list[str] = []
    whole = Page.document
    monkeypatch.setattr(Page, "document", lambda page: read.append(page.url) or whole(page))
    with pytest.raises(SourceError):
        parser.parse(Page("https://site.example/1", PageKind.INDEX, b"<div>" * 10_000))
    assert len(read) == 1
