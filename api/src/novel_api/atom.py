"""Atom documents: feeds of new chapters, and OPDS catalogues for e-reader apps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from lxml import etree
from starlette.requests import Request

from novel_core.export.tree import legal

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/terms/"
OPEN_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_NAMES: dict[Any, str] = {None: ATOM, "dc": DUBLIN_CORE, "opensearch": OPEN_SEARCH}

FEED_TYPE = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Link:
    """A link: relation, target, media type, and a title where a person chooses between several."""

    rel: str
    href: str
    type: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed. `id` is a permanent URI; `content_html` is sanitised HTML."""

    id: str
    title: str
    updated: datetime
    links: Sequence[Link] = ()
    authors: Sequence[str] = ()
    categories: Sequence[tuple[str, str]] = ()  # term, label
    summary: str = ""
    content_html: str = ""
    language: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. `total` and `per_page` describe a list in pages (OpenSearch)."""

    id: str
    title: str
    updated: datetime
    links: Sequence[Link] = ()
    entries: Sequence[FeedEntry] = field(default_factory=list)
    total: int | None = None
    per_page: int | None = None


def write(feed: Feed) -> bytes:
    """Return the Atom document as UTF-8."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_NAMES)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated))
    _add_authors(root, ["Novel Ingestion"])
    _add_links(root, feed.links)
    if feed.total is not None:
        _add(root, "totalResults", str(feed.total), OPEN_SEARCH)
        _add(root, "itemsPerPage", str(feed.per_page), OPEN_SEARCH)
    for entry in feed.entries:
        _add_entry(root, entry)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_entry(root: etree._Element, entry: FeedEntry) -> None:
    element = etree.SubElement(root, f"{{{ATOM}}}entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.updated))
    if entry.published is not None:
        _add(element, "published", _moment(entry.published))
    _add_authors(element, entry.authors)
    if entry.language:
        _add(element, "language", entry.language, DUBLIN_CORE)
    for term, label in entry.categories:
        category = etree.SubElement(element, f"{{{ATOM}}}category")
        category.set("term", legal(term))
        category.set("label", legal(label))
    if entry.summary:
        _add(element, "summary", entry.summary).set("type", "text")
    if entry.content_html:
        _add(element, "content", entry.content_html).set("type", "html")
    _add_links(element, entry.links)


def _add_authors(element: etree._Element, names: Iterable[str]) -> None:
    for name in names:
        author = etree.SubElement(element, f"{{{ATOM}}}author")
        _add(author, "name", name)


def _add_links(element: etree._Element, links: Iterable[Link]) -> None:
    for link in links:
        added = etree.SubElement(element, f"{{{ATOM}}}link")
        added.set("rel", link.rel)
        added.set("href", legal(link.href))
        added.set("type", link.type)
        if link.title:
            added.set("title", legal(link.title))


def _add(parent: etree._Element, name: str, text: str, namespace: str = ATOM) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = legal(text)
    return element


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def link_to(path: str, **query: str | int | None) -> str:
    """Return a link to a path of this API, relative to the document's own host.

    A proxy in front may have another scheme, name and port than this process sees.

    >>> link_to("/opds/search", q="a tale", page=3, page_size=None)
    '/opds/search?q=a+tale&page=3'
    """
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def own_path(request: Request) -> str:
    """Return the path and query of the requested document."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
