"""Every form of a chapter says the same: Markdown, plain text, EPUB, the one-file page, Atom and the reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from lxml import etree
from markdown_it import MarkdownIt
from markup import TEXT_HTML
from wording import seen, words

from novel_api.atom import ATOM, Feed, FeedEntry, write
from novel_api.web.chapter_html import shown_html
from novel_core.content import sanitize, to_text
from novel_core.content.control_characters import REORDERING
from novel_core.export.markdown import to_markdown
from novel_core.export.tree import as_html, as_xhtml, legal, parse
from novel_core.export.xhtml_repair import repair_xhtml

PICTURE = "https://e.example/x(1).png"
READER = MarkdownIt("commonmark", {"html": True}).enable("table")
NOW = datetime(2026, 3, 4, tzinfo=UTC)
_REORDERING = re.compile(f"[{REORDERING}]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def forms(html: str) -> dict[str, str]:
    """The text as each format that is HTML, or is shown as HTML, has it."""
    tree = parse(html)
    repair_xhtml(tree)
    xhtml = as_xhtml(tree)
    etree.fromstring(xhtml)
    feed = write(Feed("a:b", "t", NOW, entries=[FeedEntry("a:c", "t", NOW, content_html=html)]))
    content = etree.fromstring(feed).findtext(f".//{{{ATOM}}}content") or ""
    return {
        "EPUB": xhtml,
        "page": as_html(tree),
        "Markdown": str(READER.render(to_markdown(html))),
        "Atom": content,
        "reader": str(shown_html(html, "a-tale", {PICTURE: 1})),
    }


def tokens(text: str) -> list[str]:
    """Its words; in order, but for the cells of a table, which stand side by side."""
    return re.findall(r"\w+", text)


def plain(html: str) -> str:
    """Plain text without what it adds: the names of pictures and spoilers."""
    text = to_text(html, width=None)
    return re.sub(r"\[image(?:: )?|\[Spoiler: ", " ", text)


@given(TEXT_HTML)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_form_has_the_same_words_and_emphasis(html: str) -> None:
    saved = sanitize(html, base_url="https://site.example/1").html
    expected = seen(saved)
    for name, form in forms(saved).items():
        found = seen(form)
        assert (name, words(found)) == (name, words(expected))
        assert (name, found) == (name, expected)
    text = tokens(plain(re.sub(r"<(/?)ol[^>]*>", r"<\1ul>", saved)))
    right = tokens(words(expected))
    if "<table" in saved:
        text, right = sorted(text), sorted(right)
    assert text == right


def test_no_form_holds_control_characters() -> None:
    html = "<p>a\x01b\x0cc\x85d\x9be\x7ff \u202eg\u202c</p><pre>h\x0bi</pre>"
    exported = {**forms(html), "text": legal(to_text(html))}
    del exported["reader"]  # is no file: the API cleans nothing that a browser ignores
    for name, form in exported.items():
        assert (name, _CONTROLS.findall(form)) == (name, [])
        assert (name, _REORDERING.findall(form)) == (name, [])
