"""Values in the site's markup: numbers, days, links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from novel_ao3.urls import Address, SiteUrls
from novel_core import Element, absolute, inner_html, text_of

_NUMBER = re.compile(r"[0-9][0-9,.\s]*")


def number_of(words: str) -> int | None:
    """A number as the site writes it; None if it is not one.

    >>> number_of("36,352"), number_of("?")
    (36352, None)
    """
    found = _NUMBER.fullmatch(words.strip())
    digits = re.sub("[^0-9]", "", words)
    return int(digits) if found and len(digits) < 19 else None  # noqa: PLR2004 - a bigint


def day_of(words: str) -> datetime | None:
    """The start of a day written as 2021-01-28; the site has no time of day.

    >>> day_of("(2021-01-28)").isoformat()
    '2021-01-28T00:00:00+00:00'
    """
    try:
        return datetime.strptime(words.strip(" ()\n"), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def address_of(link: Element | None, urls: SiteUrls) -> Address | None:
    """The ids in a link's URL; None without a link, or for another URL."""
    url = absolute(link.attributes.get("href"), urls.site.base_url) if link is not None else None
    return urls.read(url) if url else None


def link_of(element: Element) -> str:
    return (element.attributes.get("href") or "").strip()


def path_part(link: str, after: str) -> str | None:
    """The part of a link's path that follows the part `after`, decoded.

    >>> path_part("/tags/Rape*s*Non-Con/works", "tags")
    'Rape*s*Non-Con'
    """
    parts = link.partition("?")[0].split("/")
    where = parts.index(after) + 1 if after in parts else len(parts)
    return unquote(parts[where]) or None if where < len(parts) else None


def escaped(text: str) -> str:
    """The text with white space escaped, as in an id."""
    return quote(unquote(text), safe="!$&'()*+,;=:@-._~")


def first_text(found: Iterable[Element]) -> str:
    return next(map(text_of, found), "")


def html_of(found: Iterable[Element]) -> str:
    return "\n".join(filter(None, map(inner_html, found)))
