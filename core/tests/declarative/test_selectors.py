"""The language of selectors: every path, how paths lead on from each other, and errors in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from novel_core import ChapterListTable, ChapterTable, NovelTable, Page, PageKind, PageNumbers
from novel_core.declarative import Content, Selector, SiteTable

URL = "https://example.org/book/7?tab=1"
STATE = {
    "work": {
        "title": "Lamps &amp; Salt",
        "id": 1177354054889261298,
        "open": True,
        "none": None,
        "scores": [4.5, 3.0],
        "parts": [{"id": 1, "name": "One"}, {"id": 2, "name": "Two"}],
        "html": '<p>One <b>bold</b></p><div class="note">N</div>',
    }
}
HTML = f"""<!DOCTYPE html><html><head><script>var other = {{"a": 1}}; if (window.list == 3) {{}}
window.list = [{{"id": 5, "text": "</p> {{"}}, {{"id": 6}}]; run(window.list);
window.code = function () {{ return 1 }};</script>
<script type="application/ld+json">{{broken</script>
<script type="application/ld+json">[{{"@type": "Book", "name": "B"}}]</script>
<script id="state" type="application/json">{json.dumps(STATE)}</script></head>
<body><h1 data-ids='[7, 8]'>A <i>Tale</i></h1>
<dl><dt>Words</dt><dd>1,234</dd><dt>Views</dt><dd>99</dd></dl>
<table><tr><td>x</td></tr></table><o:p x:y="z">odd</o:p>
<p>Loose<p>second <svg><path/></svg></body></html>"""
XML = """<?xml version="1.0"?><novel xmlns:dc="http://purl.org/dc/elements/1.1/" id="7">
<dc:title>A Tale</dc:title><chapter n="1"><name>One</name></chapter><chapter n="2"/>
<text>&lt;p&gt;Two  words&lt;/p&gt;</text></novel>"""
HEADERS = {"x-wp-total": "203", "content-type": "text/html; charset=utf-8"}


def values(selector: str, body: str = HTML, form: Any = "html") -> list[str]:
    page = Page(
        URL,
        PageKind.INDEX,
        body.encode(),
        headers=HEADERS,
        chapters=("1", "2"),
        context={"volume": "Two"},
    )
    of_data = form in {"json", "feed"}
    return list(Selector.of(selector, of_data=of_data).values(Content(page, form)))


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("h1", ["A Tale"]),
        ("css:h1@html", ["A <i>Tale</i>"]),
        ("dt, dd", ["Words", "1,234", "Views", "99"]),
        ("xpath://dt[.='Words']/following-sibling::dd[1] | number", ["1234"]),
        ("xpath://h1@html", ["A <i>Tale</i>"]),
        ("xpath://h1/@data-ids >> json:[0]", ["7"]),
        ("xpath://h1/text()", ["A"]),
        ("xpath:count(//dd)", ["2"]),
        ("xpath:string(//dd[2])", ["99"]),
        ("xpath://tbody/tr/td", ["x"]),
        ("xpath://body/p", ["Loose", "second"]),
        ("xpath://dt[re:test(., '^V')]", ["Views"]),
        ("xpath://o_p/@x_y", ["z"]),
        ("h1@data-ids >> json:", ["7", "8"]),
        ("script:#state >> work.title | text", ["Lamps & Salt"]),
        ("script:#state >> work.id", ["1177354054889261298"]),
        ("script:#state >> work.open", ["true"]),
        ("script:#state >> work.none", []),
        ("script:#state >> work.scores", ["4.5", "3"]),
        ("script:#state >> work.parts[?id==`2`]|[0].name", ["Two"]),
        ("script:#state >> work.html >> css:b", ["bold"]),
        ("script:#state >> work.html >> xpath://div[@class='note']", ["N"]),
        ("#state >> json:work.parts[].name", ["One", "Two"]),
        ("script:window.list= >> id", []),
        ("script:window.list = >> [].id", ["5", "6"]),
        ("script:window.list= >> [-1] >> id", ["6"]),
        ("script:window.list= >> [?text].text", ["</p> {"]),
        ("script:other= >> a", ["1"]),
        ("script:#nothing >> a", []),
        ("script:script[type='application/ld+json'] >> [?\"@type\"=='Book'].name", ["B"]),
        ("script:window.nothing= >> a", []),
        ("header:X-WP-Total", ["203"]),
        ("header:link", []),
        ("page:url | regex:/book/(\\d+) | url:/api/books/{}/chapters", ["/api/books/7/chapters"]),
        ("page:context.volume", ["Two"]),
        ("page:chapters", ["1", "2"]),
        ("page:status", ["200"]),
    ],
)
def test_on_a_page_of_html(selector: str, expected: list[str]) -> None:
    assert values(selector) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("work.parts[].name", ["One", "Two"]),
        ("json:work.parts[].name", ["One", "Two"]),
        ("work.html >> css:b", ["bold"]),
        ("work.html >> css:p@html", ["One <b>bold</b>"]),
        ("work.missing", []),
        ("header:x-wp-total | number", ["203"]),
        ("work.title || work.name", ["Lamps &amp; Salt"]),
        ("work.id | url:https://example.org/w/{}?full=1", ["https://example.org/w/1177354054889261298?full=1"]),
    ],
)  # fmt: skip
def test_on_a_page_of_json(selector: str, expected: list[str]) -> None:
    assert values(selector, json.dumps(STATE), "json") == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("xpath:/novel/dc:title", ["A Tale"]),
        ("dc|title", ["A Tale"]),
        ("chapter@n", ["1", "2"]),
        ("chapter > name", ["One"]),
        ("xpath://chapter/@n", ["1", "2"]),
        ("text", ["<p>Two  words</p>"]),
        ("text >> css:p", []),
        ("chapter@html", ["<name>One</name>"]),
        ("@id", ["7"]),
    ],
)
def test_on_a_page_of_xml(selector: str, expected: list[str]) -> None:
    assert values(selector, XML, "xml") == expected


def test_on_a_feed() -> None:
    feed = (
        '<rss version="2.0"><channel><title>Salt</title><item><title>One</title><guid>p1</guid>'
        "<pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>"
    )
    assert values("entries[].title", feed, "feed") == ["One"]
    assert values("entries[].published | date", feed, "feed") == ["2026-03-04T05:06:07+00:00"]
    assert values("title", feed, "feed") == ["Salt"]


def test_paths_of_a_row_start_from_it() -> None:
    content = Content(Page(URL, PageKind.INDEX, HTML.encode()))
    [row] = content.document.css("dl")
    assert list(Selector.of("xpath:./dd[1]").values(content, row)) == ["1,234"]
    assert list(Selector.of("xpath:.//dd | number").values(content, row)) == ["1234", "99"]
    assert list(Selector.of("h1").values(content, row)) == []
    assert list(Selector.of("").values(content, row)) == ["Words 1,234 Views 99"]
    assert list(Selector.of(" | after:Views").values(content, row)) == ["99"]
    assert list(Selector.of("", of_data=True).values(content, "text")) == ["text"]
    # From an object of JSON, CSS goes to the page around it.
    assert list(Selector.of("css:h1", of_data=True).values(content, {"a": 1})) == ["A Tale"]


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("h1[", "'h1\\[' is no CSS selector"),
        ("xpath://a[", "'//a\\[' is no XPath"),
        ("json:a[", "'json:a\\['.*[Ii]ncomplete"),
        ("h1 >> json:a.", "Expecting.*got: eof"),
        ("script:", "script: needs"),
        ("script:a[", "is no CSS selector"),
        ("header:", "'' is not the name of a header"),
        ("header:a b", "'a b' is not the name of a header"),
        ("h1 | upper", "no processor 'upper', only .*regex"),
        ("h1 | regex:(", "'\\(' is no regular expression"),
        ("h1 | map:a", "map needs word=word pairs"),
        ("h1 | url:/a/", "url needs an address with {} for"),
    ],
)
def test_a_wrong_selector_is_refused_when_the_table_is_made(selector: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        NovelTable(title=selector)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: NovelTable(form="json", title="css:h1"), "JSON has no elements; .* path >> css:p"),
        (lambda: NovelTable(form="feed", title="script:#a"), "FEED has no elements"),
        (lambda: NovelTable(form="json", title="h1@html"), "h1@html"),
        (lambda: NovelTable(form="yaml", title="a"), "html.*xml.*json.*feed"),
        (lambda: NovelTable(title="h1", rows="li"), "rows and id of a novel belong together"),
        (lambda: ChapterListTable(form="json", rows="a"), "need a link or an id"),
        (lambda: ChapterListTable(form="json", rows="a", id="id"), "id | url:"),
        (lambda: ChapterListTable(rows="li", batch="/api?ids="), "batch needs {ids}"),
        (lambda: ChapterTable(rows="article", content="p"), "need an id or a link each"),
        (lambda: ChapterTable(rows="article", id="@id", content="p", next_part="a"), "next part"),
        (lambda: PageNumbers(last="a"), "either the name of a parameter"),
        (lambda: PageNumbers(query="page"), "where the list ends"),
        (lambda: PageNumbers(path="/page/", last="a"), "path needs {}"),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1", first_chapter="a@href"),
                chapter=ChapterTable(content="p"),
            ),
            "first_chapter .* and next_chapter .* belong together",
        ),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1", first_chapter="a@href"),
                chapters=ChapterListTable(rows="li"),
                chapter=ChapterTable(content="p", next_chapter="a@href"),
            ),
            "needs no first_chapter",
        ),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1"),
                chapters=ChapterListTable(form="json", rows="a", link="url"),
                chapter=ChapterTable(content="p"),
            ),
            "the novel's page is html, its chapter list json: .*chapter_list=",
        ),
        (
            lambda: SiteTable(
                novel=NovelTable(title="h1"), chapter=ChapterTable(form="json", content="text")
            ),
            "novel and chapter have the same form",
        ),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_when_it_is_made(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("script:window.code= >> a", "window.code= holds no JSON"),
        ("h1 >> json:a", "h1 holds no JSON"),
        ("xpath://x:y", "Undefined namespace prefix"),
        ("script:#state >> sum(work.title)", "invalid type"),
    ],
)
def test_what_cannot_be_read_is_said(selector: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        values(selector)


def test_an_object_is_no_text() -> None:
    with pytest.raises(ValueError, match="'work': a JSON object stands where a text is expected"):
        values("work", json.dumps(STATE), "json")


def test_plain_text_becomes_paragraphs() -> None:
    [html] = values("a | paragraphs", json.dumps({"a": "One & two\n\n 5 < 6 \r\n"}), "json")
    assert html == "<p>One &amp; two</p><p>5 &lt; 6</p>"


def test_xpath_and_css_see_the_same_elements() -> None:
    content = Content(Page(URL, PageKind.INDEX, HTML.encode()))
    every = Selector.of("*").nodes(content)
    found = Selector.of("xpath://*").nodes(content)
    assert [one.mem_id for one in every] == [one.mem_id for one in found]
