"""What pages hide by their own style sheets, and which pictures their texts ask for."""

from __future__ import annotations

import json

import pytest

from novel_core import ChapterTable, DeclarativeParser, NovelTable, SiteTable
from novel_core.content.visible import follows_of, without_hidden
from novel_core.items import Chapter, Novel
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.source import PageKind

URL = "https://site.example/1/2"
STOLEN = "STOLEN"


def page_of(style: str, body: str, kind: PageKind = PageKind.CHAPTER) -> Page:
    html = f"<html><head><style>{style}</style></head><body class='page'><div id='text'>{body}</div></body></html>"
    return Page(URL, kind, html.encode(), chapters=("2",))


class Reader(Parser):
    """Takes the text of a page as it stands there."""

    def parse(self, page: Page) -> Parsed:
        html = page.text.partition("<div id='text'>")[2].rpartition("</div>")[0]
        chapter = Chapter(source_id="2", title="Two", url=URL, content_html=html)
        novel = Novel(source_id="1", url=URL, title="One", description_html=html)
        return Parsed(items=(novel, chapter))


def seen(style: str, body: str) -> str:
    page = page_of(style, body)
    chapter = without_hidden(page, Reader().parse(page)).items[1]
    assert isinstance(chapter, Chapter)
    return chapter.content_html


BODY = f'<p>One.</p><p class="x7 x7=:7 md:hover">{STOLEN}</p><p>Two.</p>'


@pytest.mark.parametrize(
    "style",
    [
        ".x7{display:none}",
        "p.x7 { visibility : hidden }",
        ".x7{opacity:0}",
        ".x7{font-size:0px}",
        ".x7{position:absolute;left:-9999px}",
        ".x7{height:0;overflow:hidden}",
        ".x7{clip-path:inset(100%);position:absolute}",
        ".x7{text-indent:-9999px}",
        "#text > .x7{display:none}",
        "p.other, .x7 { display: none !important } .x7 { display: block }",
        ".x7{display:block}.x7{display:none}",
        "@media screen{.x7{display:none}}",
        ".\\78 7{display:none}",
        '[class^="x7"]{display:none}',
        "p:nth-child(2){display:none}",
        ".x7{display:none",
        "body.page .x7{display:none}",
        ".x7\\=\\:\\37 {display:none}",
        ".x7.md\\:hover{display:none}",
    ],
)
def test_what_a_sheet_of_the_page_hides_is_gone(style: str) -> None:
    assert seen(style, BODY) == "<p>One.</p><p>Two.</p>"


@pytest.mark.parametrize(
    "style",
    [
        ".x7{display:none}.x7{display:block}",
        ".x7{color:red}",
        "@media print{.x7{display:none}}",
        "@media (max-width:600px){.x7{display:none}}",
        ".x7{visibility:hidden} p:hover .x7{visibility:visible}",
        ".x7{display:none}.x7.open{display:block}",
        ".x7::after{display:none}",
        ".x7:hover{opacity:0}",
        "/* .x7{display:none} */",
        "@keyframes f{from{opacity:0}}",
        ".elsewhere .x7{display:none}",
        ".x7{opacity:.5}",
    ],
)
def test_what_a_reader_can_see_stays(style: str) -> None:
    assert STOLEN in seen(style, BODY)


def test_spoilers_and_whole_texts_stay() -> None:
    style = ".x7,.spoiler-inner,.all{display:none}"
    assert "inner" in seen(style, '<p>a</p><div class="spoiler"><p class="x7">inner</p></div>')
    assert "inner" in seen(style, '<p>a</p><details><p class="x7">inner</p></details>')
    assert "whole" in seen(style, '<div class="all"><p>whole</p></div>')


@pytest.mark.parametrize(
    "sheet",
    [
        "<!-- <style>.x7{display:none}</style> -->",
        "<noscript><style>.x7{display:none}</style></noscript>",
        "<script>'<style>.x7{display:none}<\\/style>'</script>",
        "<style media=print>.x7{display:none}</style>",
    ],
)
def test_a_sheet_that_does_not_apply_hides_nothing(sheet: str) -> None:
    html = f"<html><head>{sheet}</head><body><div id='text'>{BODY}</div></body></html>"
    page = Page(URL, PageKind.CHAPTER, html.encode(), chapters=("2",))
    chapter = without_hidden(page, Reader().parse(page)).items[1]
    assert isinstance(chapter, Chapter)
    assert chapter.content_html == BODY


def test_the_same_words_elsewhere_stay() -> None:
    body = '<p class="q">Yes.</p><section><p class="q">Yes.</p></section>'
    assert seen("section .q{display:none}", body).count("Yes.") == 2


PICTURES = (
    '<img src="/blank.gif" data-src="/real.png"><img data-lazy-src="/lazy.png"><img srcset="/s.png 1x, /l.png 2x">'
    '<img src="/t.gif" width="1" height="1"><img src="/t2.gif" style="width:1px"><img src="https://u:p@cdn.example/a b\u00fc|.png">'
    '<picture><source srcset="/p.webp 2x"><img src="/placeholder.png"></picture><p class="x7"><img src="/trap.png"></p>'
    '<img src="data:image/gif;base64,R0"><noscript><img src="/n.png"></noscript><p style="opacity:0"><img src="/fade.png"></p>'
)
ASKED = [
    "https://site.example/real.png",
    "https://site.example/lazy.png",
    "https://site.example/l.png",
    "https://cdn.example/a%20b\u00fc%7C.png",
    "https://site.example/p.webp",
    "https://site.example/n.png",
    "https://site.example/fade.png",
]


@pytest.mark.parametrize("kind", [PageKind.CHAPTER, PageKind.INDEX])
def test_those_pictures_are_asked_for_that_the_saved_text_shows(kind: PageKind) -> None:
    page = page_of(".x7{display:none}", PICTURES, kind)
    assert follows_of(Reader(), page) == [Follow(url, PageKind.IMAGE) for url in ASKED]


def test_what_a_parser_lists_itself_counts_for_covers_only() -> None:
    cover = Follow("https://site.example/cover.png", PageKind.IMAGE)

    class Listing(Reader):
        def follow(self, page: Page) -> list[Follow]:
            return [cover]

    index = page_of("", '<img src="/a.png">', PageKind.INDEX)
    chapter = page_of("", '<img src="/a.png">')
    picture = Follow("https://site.example/a.png", PageKind.IMAGE)
    assert follows_of(Listing(), index) == [cover, picture]
    assert follows_of(Listing(), chapter) == [picture]


STYLED = f"<style>.x7{{display:none}}</style>{BODY}"
RSS = "<rss version='2.0'><channel><item><guid>2</guid><description>{}</description></item></channel></rss>"


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("json", json.dumps([{"id": 2, "text": STYLED}, {"id": 3, "text": BODY}])),
        ("json", json.dumps([{"id": 2, "text": STYLED}]).replace("</", "<\\/")),
        ("json", json.dumps([{"id": 2, "text": STYLED}]).replace("<", "\\u003C")),
        ("feed", RSS.format(STYLED.replace("<", "&lt;"))),
        ("feed", '<?xml version="1.0"?>' + RSS.format(f"<![CDATA[{STYLED}]]>")),
    ],
)
def test_a_text_of_json_or_of_a_feed_is_hidden_by_its_own_styles(form: str, body: str) -> None:
    rows, text = ("@", "text") if form == "json" else ("entries", "summary_html")
    table = SiteTable(
        novel=NovelTable(form=form, title="title"),
        chapter=ChapterTable(form=form, rows=rows, id="id", content=text),
    )
    parser = DeclarativeParser(table, match_url=lambda _: None, version="1")
    page = Page(URL, PageKind.CHAPTER, body.encode())
    first, *others = without_hidden(page, parser.parse(page)).items
    assert isinstance(first, Chapter)
    assert STOLEN not in first.content_html
    assert "One." in first.content_html
    # The styles of one text say nothing of another.
    assert all(isinstance(one, Chapter) and STOLEN in one.content_html for one in others)
