"""A fiction's cover: the script's, else the header's, else the preview image's."""

from __future__ import annotations

from novel_core.lxml_document import Element, strings
from novel_royalroad.index_page import IndexPage
from novel_royalroad.scripts import read_value
from novel_royalroad.urls import absolute
from novel_royalroad.values import words

_NO_COVER = "nocover"

_HEADER_IMAGES = strings("//img[@data-type='cover']/@src")
_PREVIEW_IMAGES = strings("//meta[@property='og:image']/@content")


def cover_url(link: str) -> str | None:
    """Absolute; None for the picture the site shows where there is no cover."""
    return None if not link.strip() or _NO_COVER in link else absolute(link)


def script_cover(page: IndexPage) -> str | None:
    """The link in the script: no tree is needed for it."""
    return words(read_value(page.body, "fictionCover")) or None


def cover_of(page: IndexPage, tree: Element) -> str | None:
    link = script_cover(page) or next(iter(_HEADER_IMAGES(tree) or _PREVIEW_IMAGES(tree)), "")
    return cover_url(link)
