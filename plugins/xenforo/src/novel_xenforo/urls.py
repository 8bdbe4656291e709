"""The URLs of a forum: which of them match, the canonical form of each, and parts of a URL.

A forum without friendly URLs has its routes in the query: `/index.php?threads/a-tale.7/page-2`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from novel_core import Site, UrlKind, UrlMatch

_ID = r"0*(?P<{}>[1-9][0-9]{{0,11}})"
_THREAD = re.compile(
    r"threads/(?:[^/]*\.)?" + _ID.format("thread") + r"(?:/(?P<rest>.*))?", re.DOTALL
)
_POST_OF_THREAD = re.compile(r"post-" + _ID.format("post") + r"/?")
_POST = re.compile(r"posts/" + _ID.format("post") + r"(?:/.*)?", re.DOTALL)
#: Addresses with the post's number in a parameter; they are never requested.
_BY_PARAMETER = {"goto/post": "id", "showpost.php": "p"}
_NUMBER = re.compile(_ID.format("number"))
_PAGE = re.compile(r"(?P<before>.*/)page-(?P<page>[1-9][0-9]{0,8})/?", re.DOTALL)
_INDEX = "index.php"


@dataclass(frozen=True, slots=True)
class Route:
    """A URL in parts: what stands before the route, the route, its parameters.

    >>> route = Route.of("https://example.org/forum/threads/a-tale.7/reader/?threadmark_category=2")
    >>> route.path, str(route.at_page(3))
    ('threads/a-tale.7/reader/', 'https://example.org/forum/threads/a-tale.7/reader/page-3?threadmark_category=2')
    >>> str(Route.of("https://example.org/index.php?threads/7/&a=1").at_page(2))
    'https://example.org/index.php?threads/7/page-2&a=1'
    """

    head: str
    path: str
    query: str = ""

    @classmethod
    def of(cls, url: str) -> Route:
        """The parts of an absolute URL."""
        address, _, query = url.partition("#")[0].partition("?")
        if address.endswith(f"/{_INDEX}") and not query.startswith(("p=", "id=")):
            path, _, query = query.partition("&")
            return cls(f"{address}?", path, query)
        start = address.find("/threads/")
        if start < 0:
            start = address.find("/", address.find("://") + 3)
        return cls(address[: start + 1], address[start + 1 :], query)

    def __str__(self) -> str:
        mark = "&" if self.head.endswith("?") else "?"
        return f"{self.head}{self.path}" + (f"{mark}{self.query}" if self.query else "")

    @property
    def thread(self) -> Route | None:
        """The address of the thread itself, with the slug that this URL has."""
        found = re.match(r"threads/[^/]+", self.path)
        return Route(self.head, f"{found[0]}/") if found else None

    @property
    def page(self) -> int:
        """The number of the page: in the route (`page-3`) or in a parameter; 1 without one."""
        found = _PAGE.fullmatch(self.path)
        values = [found["page"]] if found else parse_qs(self.query).get("page", [])
        return int(values[0]) if values and re.fullmatch("[1-9][0-9]{0,8}", values[0]) else 1

    def below(self, more: str, **parameters: int | str | None) -> Route:
        """An address below this one; a parameter that is None is left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return Route(self.head, f"{self.path.rstrip('/')}/{more}", urlencode(given))

    def at_page(self, page: int) -> Route:
        """The same address with another page in its route."""
        found = _PAGE.fullmatch(self.path)
        path = found["before"] if found else self.path.rstrip("/") + "/"
        return replace(self, path=f"{path}page-{page}" if page > 1 else path)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The canonical URLs of a site: without slugs, which change.

    >>> site = Site("example", "xenforo", "https://example.org/forum")
    >>> Addresses(site, in_query=True).thread_list("7")
    'https://example.org/forum/index.php?threads/7/threadmarks'
    """

    site: Site
    in_query: bool = False

    def thread_list(self, thread: str) -> str:
        return self._at(f"threads/{thread}/threadmarks")

    def post(self, post: str) -> str:
        return self._at(f"posts/{post}/")

    def post_of_thread(self, thread: str, post: str) -> str:
        return self._at(f"threads/{thread}/post-{post}")

    def _at(self, route: str) -> str:
        return f"{self.site.base_url}/{'index.php?' if self.in_query else ''}{route}"

    def match(self, url: str) -> UrlMatch | None:
        """The match of a URL of the site, or None. A link of a page, and so any text, may come."""
        route = self._route(url)
        if route is None:
            return None
        if found := _THREAD.fullmatch(route.path):
            post = _POST_OF_THREAD.fullmatch(found["rest"] or "")
            return (
                self.chapter(found["thread"], post["post"]) if post else self.novel(found["thread"])
            )
        post_id = _post_of(route)
        if post_id is None:
            return None
        return UrlMatch(UrlKind.CHAPTER, self.post(post_id), chapter_id=post_id)

    def novel(self, thread: str) -> UrlMatch:
        return UrlMatch(UrlKind.NOVEL, self.thread_list(thread), novel_id=thread)

    def chapter(self, thread: str, post: str) -> UrlMatch:
        return UrlMatch(
            UrlKind.CHAPTER,
            self.post_of_thread(thread, post),
            novel_id=thread,
            chapter_id=post,
            novel_url=self.thread_list(thread),
        )

    def _route(self, url: str) -> Route | None:
        """The route of a URL of this site, below its folder."""
        try:
            if not self.site.owns(url):
                return None
            parts = urlsplit(url)
        except ValueError:
            return None
        path = parts.path.removeprefix(self.site.path).lstrip("/")
        if path.removesuffix("/") != _INDEX:
            return Route("", path, parts.query)
        path, _, query = parts.query.partition("&")
        return Route("", path.lstrip("/"), query)


def _post_of(route: Route) -> str | None:
    """The number of the post that an address without a thread names."""
    if found := _POST.fullmatch(route.path):
        return found["post"]
    parameter = _BY_PARAMETER.get(route.path.strip("/"))
    if parameter is None:
        return None
    for name, value in parse_qsl(route.query):
        if name == parameter and (number := _NUMBER.fullmatch(value)):
            return number["number"]
    return None


def post_in(link: str) -> str | None:
    """The post that a link of a page names, in any form.

    >>> post_in("/threads/a-tale.7/page-3#post-91"), post_in("/posts/91/preview-threadmark")
    ('91', '91')
    """
    found = re.search(r"(?:\bposts/|[#/]post-)0*([1-9][0-9]{0,11})(?![0-9])", link)
    return found[1] if found else None
