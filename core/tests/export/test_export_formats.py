"""Plain text, Markdown and the one-file page."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from bookshelf import ROOT, Chap, Shelf, picture
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from novel_core.export import Format

MAP = "https://img.example/map.png"
TABLE = "<table><tr><th>Skill</th><th>Rank</th></tr><tr><td>Tin|Ear</td><td>II</td></tr></table>"


@pytest.fixture
def novel(shelf: Shelf) -> int:
    made = shelf.add(
        [
            Chap(
                "One * two",
                "<p>A *star* &lt;b&gt; and <em>stress</em>.</p><hr><p>End.</p>",
                before="<p>Hi.</p>",
            ),
            Chap(
                "Sheet",
                TABLE + "<details><summary>Who</summary><p>Him.</p></details>",
                volume="Frost",
            ),
            Chap(
                "Vale",
                f'<p>See <img src="{MAP}" alt="The vale"> <a href="{ROOT}/1/1">back</a></p>',
                volume="Frost",
            ),
            Chap("Paid", None, locked=True, volume="Frost"),
            Chap("Gone", removed=True),
        ],
        title="Tin & <Rain>",
        tags=["Slow Burn"],
    )
    shelf.picture(made, MAP, picture())
    return made


def test_plain_text(shelf: Shelf, novel: int) -> None:
    text = shelf.text(novel, Format.TXT)
    assert text.startswith("Tin & <Rain>\n============\n\nby Ada Fern\n")
    order = [
        "Tags: Slow Burn",
        "[Author's note]\n\nHi.",
        "A *star* <b> and stress.\n\n* * *\n\nEnd.",
        "Frost\n=====",
        "Tin|Ear  II",
        "[Spoiler: Who]",
        "[image: The vale]",
        "- Paid (locked on the site",
        "Gone\n----\n\n[The author or the site has removed",
    ]
    places = [text.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert text.endswith("Rain fell on the tin roof.\n")


def test_markdown_means_what_the_author_wrote(shelf: Shelf, novel: int) -> None:
    text = shelf.text(novel, Format.MARKDOWN)
    page = lxml_html.fromstring(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    )
    headings = [(found.tag, found.text_content()) for found in page.iter("h1", "h2", "h3")]
    assert headings == [
        ("h1", "Tin & <Rain>"),
        ("h3", "One * two"),
        ("h2", "Frost"),
        ("h3", "Sheet"),
        ("h3", "Vale"),
        ("h3", "Not in this book: Paid"),
        ("h3", "Gone"),
    ]
    paragraphs = [found.text_content() for found in page.iter("p")]
    assert "A *star* <b> and stress." in paragraphs
    assert next(page.iter("em")).text == "stress"
    assert [cell.text_content() for cell in page.iter("th", "td")] == [
        "Skill",
        "Rank",
        "Tin|Ear",
        "II",
    ]
    [spoiler] = page.iter("details")
    assert [found.text for found in spoiler] == ["Who", "Him."]
    [image] = page.iter("img")
    assert (image.get("src"), image.get("alt")) == (MAP, "The vale")


def test_the_page_holds_everything_and_loads_nothing(shelf: Shelf, novel: int) -> None:
    text = shelf.text(novel, Format.HTML)
    page = lxml_html.document_fromstring(text)
    assert text.startswith("<!DOCTYPE html>")
    assert "prefers-color-scheme: dark" in text
    [image] = page.iter("img")
    assert image.get("src") == f"data:image/png;base64,{b64encode(picture()).decode()}"
    assert [found.tag for found in page.iter("script", "link", "iframe")] == []
    assert re.findall(r'(?:src|srcset)="(?!data:)', text) == []
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_every_link_within_the_page_leads_somewhere(shelf: Shelf, novel: int) -> None:
    page = lxml_html.document_fromstring(shelf.text(novel, Format.HTML))
    ids = [found.get("id") for found in page.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    inner = [
        link.get("href")[1:] for link in page.iter("a") if link.get("href", "").startswith("#")
    ]
    assert set(inner) <= set(ids)
    [back] = [link for link in page.iter("a") if link.text == "back"]
    assert back.get("href") == "#chapter-00001"
    sections = [found.get("id") for found in page.iter("section") if found.get("id")]
    assert sections == [
        "chapter-00001",
        "part-001",
        "chapter-00002",
        "chapter-00003",
        "missing-00004",
        "chapter-00005",
    ]
