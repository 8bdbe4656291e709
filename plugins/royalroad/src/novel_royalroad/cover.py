"""A fiction's cover: the script's, else the header's, else the preview image's."""

from __future__ import annotations

from novel_core.document import Document
from novel_royalroad.index_page import IndexPage
from novel_royalroad.scripts import read_value
from novel_royalroad.urls import absolute
from novel_royalroad.values import words

_NO_COVER = "nocover"


def cover_url(link: str) -> str | None:
    """Absolute; None for the picture the site shows where there is no cover."""
    return None if not link.strip() or _NO_COVER in link else absolute(link)


def script_cover(page: IndexPage) -> str | None:
    """The link in the script: no tree is needed for it."""
    return words(read_value(page.body, "fictionCover")) or None


def cover_of(page: IndexPage, document: Document) -> str | None:
    link = script_cover(page)
    if link is None and (image := document.css_first("img[data-type='cover'][src]")) is not None:
        link = image.attributes["src"]
    elif link is None and (preview := document.css_first("meta[property='og:image'][content]")):
        link = preview.attributes["content"]
    return cover_url(link or "")
