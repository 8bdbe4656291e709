"""A fiction's page as bytes: the places of its chapter table and of the list in its script.

The list is 95 % of a long fiction's page. It is read without a tree, and cut out before the tree of
the rest is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from novel_core import Document, Page, PageBroken, PageChanged, absolute, parse_html
from novel_royalroad.page_ids import fiction_id_of
from novel_royalroad.raw_html import Span, find_tag_at, find_value, read_value
from novel_royalroad.urls import ORIGIN, read_address
from novel_royalroad.values import words

_DECLARED = re.compile(rb"\bdata-chapters=[\"']?([0-9]{1,9})\b")
_CONTAINER_IDS = (b'id="chapters"', b"id='chapters'")
_ROW_MARK = b"chapter-row"
_NO_COVER = "nocover"


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A page and its parts.

    `rows` is the content of the chapter table, None without one; `script` the list in the script.
    `has_container` is whether there is a table, or an element for the list in the newer layout;
    `declared` is the number of chapters it states.
    """

    url: str
    body: bytes
    fiction_id: str
    has_container: bool
    declared: int | None
    rows: Span | None
    script: Span | None

    @property
    def row_count(self) -> int:
        return self.body.count(_ROW_MARK, self.rows.start, self.rows.end) if self.rows else 0

    def outline(self) -> Document:
        """The page without its chapters."""
        parts, at = [], 0
        for span in sorted(filter(None, (self.rows, self.script))):
            if span.start >= at:
                parts.append(self.body[at : span.start])
                at = span.end
        parts.append(self.body[at:])
        return parse_html(b"".join(parts).decode("utf-8", "replace"), self.url)


def cover_of(page: IndexPage, outline: Document | None = None) -> str | None:
    """The cover's address: the script's, else the header's, else the preview image's.

    The script is read first because it needs no tree; `outline` is the page's, where it is built.
    """
    link = words(read_value(page.body, "fictionCover"))
    if not link:
        document = outline or page.outline()
        if image := document.css_first("img[data-type='cover'][src]"):
            link = image.attributes["src"] or ""
        elif preview := document.css_first("meta[property='og:image'][content]"):
            link = preview.attributes["content"] or ""
    return cover_url(link)


def cover_url(link: str) -> str | None:
    """The absolute address of a cover; None for the picture the site shows in its place."""
    return None if _NO_COVER in link else absolute(link, ORIGIN)


def body_of(page: Page) -> bytes:
    """The body as UTF-8 without NUL, from any encoding."""
    return page.text.encode("utf-8", "replace")


def open_index(page: Page) -> IndexPage:
    body = body_of(page)
    fiction_id = fiction_id_of(body) or _requested_id(page.url)
    if fiction_id is None:
        raise PageChanged(
            "The page has no fiction id",
            url=page.url,
            selector="link[rel=canonical]",
        )
    place = find_tag_at(body, _CONTAINER_IDS)
    tag = Span(*place) if place else None
    declared = _DECLARED.search(body, tag.start, tag.end) if tag else None
    return IndexPage(
        url=page.url,
        body=body,
        fiction_id=fiction_id,
        has_container=tag is not None,
        declared=int(declared[1]) if declared else None,
        rows=_table_rows(body, tag, page.url),
        script=find_value(body, "chapters"),
    )


def _requested_id(url: str) -> str | None:
    address = read_address(url)
    return address.fiction_id if address and address.chapter_id is None else None


def _table_rows(body: bytes, tag: Span | None, url: str) -> Span | None:
    if tag is None or not body.startswith(b"<table", tag.start):
        return None
    ends = [body.find(close, tag.end) for close in (b"</tbody", b"</table")]
    end = min((end for end in ends if end != -1), default=None)
    if end is None:
        raise PageBroken("The chapter table does not end: the page was cut off.", url=url)
    return Span(tag.end, end)
