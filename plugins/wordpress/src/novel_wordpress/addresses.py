"""The addresses of one WordPress site: which of them match, and the canonical form of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from novel_core import Site, UrlKind, UrlMatch
from novel_wordpress.api import PER_PAGE, Api
from novel_wordpress.books import QUERIES, Book, BookKind

#: The option of a site whose API is not open.
CLOSED = "closed"
#: Stands in the address of a post whose page is to tell the book; WordPress ignores it.
BY_PAGES = "by=pages"
#: The option of a site with long texts: how many are requested at once.
TEXTS = "texts_at_once"
_NUMBER = re.compile(r"0{0,9}([1-9][0-9]{0,15})")
#: Parts of the software, lists by date or author, and files: no page of a book.
_OTHER = re.compile(
    r"/(?:wp-(?:admin|content|includes|json|login|cron|sitemap)[^/]*|xmlrpc\.php|author|search"
    r"|comments|feed|sitemap[^/]*|robots\.txt|cart|checkout|my-account|\.well-known)(?:/.*)?"
    r"|/[0-9]{4}(?:/[0-9]{1,2}){0,2}"
    r"|/.*\.(?:xml|txt|jpe?g|png|gif|webp|svg|pdf|epub|css|js|zip|mp3|php)",
    re.IGNORECASE,
)
#: What follows the address of a page of a book: further pages, feeds, versions, parts of a post.
_TAIL = re.compile(
    r"(?:/page/[0-9]{1,6}|/feed(?:/atom|/rss2?)?|/amp|/embed|/comment-page-[0-9]{1,6})$"
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one site; `api` is None where it is not open."""

    site: Site
    api: Api | None

    @classmethod
    def of(cls, site: Site) -> Addresses:
        """As the site's options say; without them, as WordPress has it by default."""
        given = site.options.get("api")
        if given == CLOSED:
            return cls(site, None)
        api = Api.of(given) if isinstance(given, str) else None
        if api is None and site.host.endswith(".wordpress.com"):
            api = Api.hosted(site.host)
        api = api or Api(f"{site.base_url}/wp-json/")
        most = site.options.get(TEXTS, PER_PAGE)
        is_number = isinstance(most, int) and 1 <= most <= PER_PAGE
        return cls(site, replace(api, texts_at_once=most) if is_number else api)

    def match(self, url: str) -> UrlMatch | None:
        """The match of a normalised URL, or None."""
        if (api := self.api_of(url)) is not None:
            return self._match_api(api, url)
        if not self.site.owns(url):
            return None
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        if "rest_route" in asked:
            return None
        path = parts.path[len(self.site.path) :]
        while path and (shorter := _TAIL.sub("", path.rstrip("/"))) != path:
            path = shorter
        if path in ("", "/index.php"):
            return self._match_query(asked)
        if _OTHER.fullmatch(path) or parts.path.endswith("/feed"):
            return None
        return UrlMatch(UrlKind.CHAPTER, f"{self.site.base_url}{path}/")

    def _match_query(self, asked: Mapping[str, str]) -> UrlMatch | None:
        """The match of the site's start page, or of a permanent address."""
        number = _NUMBER.fullmatch(asked.get("p", ""))
        if number:
            mark = f"&{BY_PAGES}" if asked.get("by") == "pages" else ""
            return UrlMatch(UrlKind.CHAPTER, f"{self.site.base_url}/?p={number[1]}{mark}")
        if {"s", "author", "m", "feed", "attachment_id", "p"} & asked.keys():
            return None
        book = Book(BookKind.BLOG)
        for name, kind in QUERIES.items():
            if name in asked:
                number = _NUMBER.fullmatch(asked[name])
                if number is None:
                    return None
                book = Book(kind, number[1])
        return self.book(book, by_pages="paged" in asked)

    def book(self, book: Book, *, by_pages: bool = False, api: Api | None = None) -> UrlMatch:
        """The match of a book, read by the API unless that is closed."""
        api = api or self.api
        if api is None or by_pages:
            url = book.pages(self.site.base_url)
        elif book.kind is BookKind.PAGE:
            url = api.contents(book.number)
        else:
            url = api.latest(book)
        return UrlMatch(UrlKind.NOVEL, url, novel_id=book.novel_id)

    def api_of(self, url: str) -> Api | None:
        """The API of this site that `url` is an address of."""
        if self.api is not None and url.startswith(self.api.root):
            return self.api
        for mark in ("/wp-json/", "?rest_route=/"):
            root, found, _ = url.partition(mark)
            if found and self.site.owns(root):
                return Api(f"{root}{mark}")
        return None

    def _match_api(self, api: Api, url: str) -> UrlMatch | None:
        book = api.book_at(url)
        if book is not None:
            return self.book(book, api=api)
        request = api.request(url)
        if request is None:
            return None
        kind, _, number = request.route.partition("/")
        if kind == "posts" and _NUMBER.fullmatch(number):
            return UrlMatch(UrlKind.CHAPTER, api.post(number), chapter_id=number)
        slug = request.parameters.get("slug")
        if request.route in ("categories", "tags") and slug:
            term = BookKind.TAG if kind == "tags" else BookKind.CATEGORY
            return UrlMatch(UrlKind.CHAPTER, api.named(term, slug))
        return None

    def by_pages(self, url: str) -> UrlMatch | None:
        """The same as at an address of the API, as readers see it."""
        found = self.match(url)
        if found is None or self.api_of(url) is None:
            return None
        book = Book.of(found.novel_id)
        if book is not None:
            return self.book(book, by_pages=True)
        if found.chapter_id is not None:
            return self.match(f"{self.site.base_url}/?p={found.chapter_id}&{BY_PAGES}")
        return None
