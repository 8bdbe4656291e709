"""Feeds: RSS, Atom and JSON Feed as one value."""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from novel_core.document.json_body import read_json
from novel_core.document.text import text_of
from novel_core.document.tree import absolute, fragment
from novel_core.document.xml_tree import without_declaration
from novel_core.errors import PageBroken, PageChanged

_JSON_FEED = "https://jsonfeed.org/version/"
_ENDS = re.compile(r"</(?:rss|feed|channel|(?:\w+:)?rdf)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed.

    `content_html` is its text, `summary_html` what the feed calls a summary or description, which
    some feeds use for the whole text. `id` is the entry's address where it has no id.
    """

    id: str
    title: str = ""
    url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    author: str = ""
    content_html: str = ""
    summary_html: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; its entries are in the order of the page. `next_page` is the address of older ones."""

    title: str = ""
    url: str | None = None
    author: str = ""
    description_html: str = ""
    entries: tuple[FeedEntry, ...] = ()
    next_page: str | None = None


def read_feed(text: str, url: str) -> Feed:
    """The feed that a text from `url` holds.

    PageChanged if it is no feed, PageBroken if it is cut off or declares entities.

    >>> text = '<rss version="2.0"><channel><item><title>One</title></item></channel></rss>'
    >>> [entry.title for entry in read_feed(text, "https://example.org/feed").entries]
    ['One']
    """
    if text.lstrip().startswith("{"):
        return _from_json(read_json(text, url), url)
    # Importing it takes time that most pages do not need.
    import feedparser

    text = without_declaration(text, url)
    # A stream, because feedparser opens the file or the address that a text names.
    parsed = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": url,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.version:
        raise PageChanged("The page is no feed.", url=url)
    if not _ENDS.search(text[-200:]):
        raise PageBroken("The feed is cut off.", url=url)
    head = parsed.feed
    return Feed(
        title=_line(head, "title"),
        url=absolute(head.get("link"), url),
        author=head.get("author", ""),
        description_html=_html(head.get("subtitle_detail")),
        entries=tuple(_entry(entry, url) for entry in parsed.entries),
        next_page=_link(head, "next", url),
    )


def _entry(entry: Any, url: str) -> FeedEntry:
    link = absolute(entry.get("link"), url)
    contents = entry.get("content") or [None]
    return FeedEntry(
        id=entry.get("id") or link or "",
        title=_line(entry, "title"),
        url=link,
        published=_moment(entry, "published_parsed"),
        updated=_moment(entry, "updated_parsed"),
        author=entry.get("author", ""),
        content_html=_html(contents[0]),
        summary_html=_html(entry.get("summary_detail")),
        categories=tuple(tag.term for tag in entry.get("tags", ()) if tag.get("term")),
    )


def _line(part: Any, name: str) -> str:
    detail = part.get(f"{name}_detail")
    return text_of(fragment(_html(detail))) if detail else ""


def _html(detail: Any) -> str:
    """The markup of a text of a feed, which may be plain."""
    if not detail or not detail.get("value"):
        return ""
    value = str(detail["value"])
    return value if "html" in detail.get("type", "") else escape(value, quote=False)


def _link(head: Any, relation: str, url: str) -> str | None:
    links = (link for link in head.get("links", ()) if link.get("rel") == relation)
    return next((absolute(link.get("href"), url) for link in links), None)


def _moment(entry: Any, name: str) -> datetime | None:
    # feedparser's own `get` gives the date of publication, with a warning, for a missing update.
    parts = dict.get(entry, name)
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    return None


def _from_json(value: Any, url: str) -> Feed:
    if not isinstance(value, dict) or not str(value.get("version")).startswith(_JSON_FEED):
        raise PageChanged("The page is no feed.", url=url)
    entries = value.get("items")
    return Feed(
        title=_text(value, "title"),
        url=absolute(_text(value, "home_page_url"), url),
        author=_author(value),
        description_html=escape(_text(value, "description"), quote=False),
        entries=tuple(
            _json_entry(entry, url)
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, dict)
        ),
        next_page=absolute(_text(value, "next_url"), url),
    )


def _json_entry(entry: Mapping[str, Any], url: str) -> FeedEntry:
    link = absolute(_text(entry, "url") or _text(entry, "external_url"), url)
    tags = entry.get("tags")
    return FeedEntry(
        id=_text(entry, "id") or link or "",
        title=_text(entry, "title"),
        url=link,
        published=_iso(entry, "date_published"),
        updated=_iso(entry, "date_modified"),
        author=_author(entry),
        content_html=_text(entry, "content_html")
        or escape(_text(entry, "content_text"), quote=False),
        summary_html=escape(_text(entry, "summary"), quote=False),
        categories=tuple(str(tag) for tag in (tags if isinstance(tags, list) else ())),
    )


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _author(part: Mapping[str, Any]) -> str:
    several = part.get("authors")
    one = several[0] if isinstance(several, list) and several else part.get("author")
    return _text(one, "name") if isinstance(one, dict) else ""


def _iso(part: Mapping[str, Any], name: str) -> datetime | None:
    with suppress(ValueError):
        moment = datetime.fromisoformat(_text(part, name))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
