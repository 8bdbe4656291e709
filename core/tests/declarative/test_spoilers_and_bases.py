"""Spoilers of a chapter's table, and addresses with the site's own for `{base}`."""

from __future__ import annotations

import json

import pytest

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Page,
    PageKind,
    SiteTable,
    UrlKind,
    UrlMatch,
)

BASE = "https://example.org/forum"


def match_url(url: str) -> UrlMatch | None:
    path = url.removeprefix(f"{BASE}/threads/").strip("/")
    return UrlMatch(UrlKind.NOVEL, url, novel_id=path) if path.isdigit() else None


def parser(chapter: ChapterTable, **of_list: object) -> DeclarativeParser:
    rows = ChapterListTable.model_validate({"rows": "li", "id": "@data-id", **of_list})
    table = SiteTable(
        novel=NovelTable(title="h1", chapter_list="page:url | url:{base}/list/{novel}"),
        chapters=rows,
        chapter=chapter,
    )
    return DeclarativeParser(table, match_url=match_url, version="1", base_url=f"{BASE}/")


def text_of(chapter: ChapterTable, html: str) -> str:
    page = Page(f"{BASE}/posts/1", PageKind.CHAPTER, html.encode(), chapters=("1",))
    [item] = parser(chapter).parse(page).items
    text: str = item.content_html  # type: ignore[union-attr]
    return text


@pytest.mark.parametrize(
    ("label", "inside", "spoiler"),
    [
        ("button", "<button>Show</button>Her.", "<summary>Show</summary>Her."),
        ("@data-title", "<p>Her.</p>", "<summary>A &amp; B</summary><p>Her.</p>"),
        ("button@title", "<button title=T>x</button>a<b>c</b>", "<summary>T</summary>a<b>c</b>"),
        ("button", "Her.", "<summary>Spoiler</summary>Her."),
        ("", "", "<summary>Spoiler</summary>"),
        (
            "button",
            "a<div class=s><button>Inner</button>b</div>c",
            "<summary>Inner</summary>a<details><summary>Spoiler</summary>b</details>c",
        ),
    ],
)
def test_a_tables_spoilers_open_without_scripts(label: str, inside: str, spoiler: str) -> None:
    table = ChapterTable(content="article@html", spoilers="div.s", spoiler_label=label)
    html = f"<article>x<div class=s data-title='A &amp; B'>{inside}</div>y</article>"
    if "Inner" in inside:
        # The label of the inner one is its own.
        spoiler = spoiler.replace("Spoiler", "@").replace("Inner", "Spoiler").replace("@", "Inner")
    assert text_of(table, html) == f"x<details>{spoiler}</details>y"


def test_spoilers_in_a_text_of_json() -> None:
    table = ChapterTable(form="json", content="text", spoilers="div.s", spoiler_label="b", drop="i")
    body = {"text": "<i>ad</i><div class=s><b>Who</b>Her.</div>"}
    assert text_of(table, json.dumps(body)) == "<details><summary>Who</summary>Her.</details>"


def test_a_label_without_spoilers_is_an_error() -> None:
    with pytest.raises(ValueError, match="say what they are"):
        ChapterTable(content="p", spoiler_label="b")


def test_base_stands_for_the_sites_address_in_every_table() -> None:
    board = parser(
        ChapterTable(content="p@html", novel="body@id | url:{base}/threads/{}"),
        link="@data-id | url:{base}/posts/{}/",
        request="@data-id | url:{base}/reader?post={}",
        next_page="b@data-n | url:{base}/list/{}",
    )
    novel = Page(f"{BASE}/threads/7", PageKind.INDEX, b"<h1>Salt</h1>")
    [follow] = board.parse(novel).follow
    assert follow.url == f"{BASE}/list/7"
    listed = b"<li data-id=3>Three</li><b data-n=2></b>"
    parsed = board.parse(Page(f"{BASE}/list/7", PageKind.INDEX, listed, position=1))
    assert [item.url for item in parsed.items] == [f"{BASE}/posts/3/"]  # type: ignore[union-attr]
    urls = [follow.url for follow in parsed.follow]
    assert urls == [f"{BASE}/reader?post=3", f"{BASE}/list/2"]
    text = Page(f"{BASE}/posts/3/", PageKind.CHAPTER, b"<body id=7><p>x</p>", chapters=("3",))
    found = board.parse(text).novel
    assert found is not None
    assert (found.novel_id, found.url) == ("7", f"{BASE}/threads/7")


def test_base_in_a_batch() -> None:
    board = parser(ChapterTable(rows="p", id="@id", content="@html"), batch="{base}/api?ids={ids}")
    listed = Page(f"{BASE}/list/7", PageKind.INDEX, b"<li data-id=3>Three</li>", position=1)
    [follow] = board.parse(listed).follow
    assert follow.url == f"{BASE}/api?ids={{ids}}"


def test_base_without_an_address_is_an_error() -> None:
    table = parser(ChapterTable(content="p")).table
    with pytest.raises(ValueError, match=r"base_url=self\.info\.homepage"):
        DeclarativeParser(table, match_url=match_url, version="1")


def test_a_parameter_called_base_is_no_address() -> None:
    table = SiteTable(
        novel=NovelTable(title="h1", chapter_list="page:url | url:/toc?base={}"),
        chapters=ChapterListTable(rows="li", method="POST", body="b={base}"),
        chapter=ChapterTable(content="p"),
    )
    assert DeclarativeParser(table, match_url=match_url, version="1").base_url == ""
