"""A page of contents: its links in order, and the posts that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from novel_core import (
    Follow,
    Item,
    Novel,
    Page,
    PageChanged,
    PageKind,
    Parsed,
    absolute,
    fragment,
    select,
    text_of,
)
from novel_wordpress.addresses import Addresses
from novel_wordpress.api import Api
from novel_wordpress.books import Book
from novel_wordpress.post_lists import references, text_follows
from novel_wordpress.rows import embedded, id_of, object_of, rows_of, text_in, title_of

#: Slugs of one request: longer addresses are refused by some servers.
_SLUGS = 50
_SLUG = re.compile(r"/([^/?#]{1,200})/?$")
_DATE = re.compile(r"/[0-9]{4}(?:/[0-9]{1,2}){0,2}/?$")
_MOST_LINKS = 20_000


def read_contents(page: Page, addresses: Addresses, api: Api, book: Book) -> Parsed:
    """The novel, and the requests that find the posts of the page's links."""
    row = object_of(page)
    title = title_of(row, "title", "rendered")
    html = text_in(row, "content", "rendered")
    link = text_in(row, "link") or page.url
    slugs = _slugs(html, link, addresses)
    if not slugs:
        raise PageChanged("The page of contents has no links to posts", url=page.url, selector="a")
    cover = next((text_in(one, "source_url") for one in embedded(row, "wp:featuredmedia")), "")
    address = book.address(addresses.site.base_url)
    site = addresses.site.title
    is_general = re.fullmatch(r"(?:table of )?contents|toc|chapters", title, re.IGNORECASE)
    novel = Novel(
        source_id=book.novel_id,
        url=address,
        title=(site if is_general and site else title) or addresses.site.host,
        language=addresses.site.language,
        cover_url=cover or None,
    )
    follow = [
        Follow(
            api.by_slugs(",".join(slugs[at : at + _SLUGS])),
            PageKind.INDEX,
            position=1 + at // _SLUGS,
            context={"book": book.novel_id, "slugs": slugs[at : at + _SLUGS]},
        )
        for at in range(0, len(slugs), _SLUGS)
    ]
    if cover:
        follow.append(Follow.image(cover))
    return Parsed(items=[novel], follow=follow)


def _slugs(html: str, url: str, addresses: Addresses) -> list[str]:
    """The slugs of the posts that the contents link to, each once, in their order."""
    found: dict[str, None] = {}
    for link in select(fragment(html, url), "a[href]")[:_MOST_LINKS]:
        target = absolute(link.attributes.get("href"), url)
        if not target or not text_of(link):
            continue
        # Old links have other schemes and hosts with or without www.
        parts = urlsplit(target)
        host = (parts.hostname or "").removeprefix("www.")
        hosts = {one.removeprefix("www.") for one in addresses.site.hosts}
        slug = _SLUG.search(parts.path)
        if host in hosts and slug and not _DATE.search(parts.path):
            found.setdefault(slug[1])
    return list(found)


def read_posts_of_contents(page: Page, api: Api) -> Parsed:
    """The posts of one request, in the order of the contents; links to other things have none."""
    rows = {text_in(row, "slug"): row for row in rows_of(page)}
    asked = [slug for slug in page.context.get("slugs", ()) if isinstance(slug, str)]
    refs = {ref.source_id: ref for ref in references(rows.values(), page)}
    ordered = [refs[number] for number in _numbers(asked, rows) if number in refs]
    items: list[Item] = [*ordered]
    return Parsed(items=items, follow=text_follows(api, ordered))


def _numbers(asked: Iterable[str], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = [id_of(rows[slug]) for slug in asked if slug in rows]
    return [number for number in found if number is not None]
