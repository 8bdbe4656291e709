"""The addresses of a Fictioneer site: which of them match, and the canonical form of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from novel_core import Site, UrlKind, UrlMatch

API_ROUTE = "/storygraph/v1/story/"
RECENT_ROUTE = "/wp/v2/fcn_story?"
_ID = re.compile(r"0{0,9}([1-9][0-9]{0,15})")
_PAGE = re.compile(r"/(?:story|chapter)/[^/]+(?:/[^/]+)?")
_TYPES = {"fcn_story": UrlKind.NOVEL, "fcn_chapter": UrlKind.CHAPTER}


@dataclass(frozen=True, slots=True)
class FictioneerUrls:
    """The addresses of one site. A novel is known by the number of its post: its words may change.

    >>> urls = FictioneerUrls(Site("lantern", "fictioneer", "https://lantern.example"))
    >>> urls.match("https://lantern.example/?post_type=fcn_story&p=013").url
    'https://lantern.example/?post_type=fcn_story&p=13'
    >>> urls.match("https://lantern.example/story/the-tin-harvest/?order=desc").is_provisional
    True
    """

    site: Site

    @property
    def api(self) -> str | None:
        """The root of the site's API, such as `https://lantern.example/wp-json/`, if it is open."""
        api = self.site.options.get("api")
        return f"{api.rstrip('/')}/" if isinstance(api, str) and "://" in api else None

    @property
    def recent_list(self) -> str | None:
        """The API's list of the stories that changed recently: new chapters count, edits may not."""
        fields = "orderby=modified&order=desc&per_page=100&_fields=id,modified_gmt"
        return f"{self.api}{RECENT_ROUTE.removeprefix('/')}{fields}" if self.api else None

    def match(self, url: str) -> UrlMatch | None:
        root, is_api, number = url.partition(API_ROUTE)
        if is_api:
            is_own = self.site.owns(url) or f"{root}/" == self.api
            found = _ID.fullmatch(number.rstrip("/"))
            return self.story(found[1]) if found and is_own else None
        if not self.site.owns(url):
            return None
        parts = urlsplit(url)
        path = parts.path[len(self.site.path) :].rstrip("/")
        if _PAGE.fullmatch(path) and not path.endswith("/feed"):
            return UrlMatch(UrlKind.CHAPTER, f"{self.site.base_url}{path}/")
        return None if path else self._match_query(parts.query)

    def _match_query(self, query: str) -> UrlMatch | None:
        """The match of a permanent address."""
        asked = dict(parse_qsl(query))
        found = _ID.fullmatch(asked.get("p", ""))
        kind = _TYPES.get(asked.get("post_type", "fcn_chapter"))
        if found is None or kind is None:
            return None
        if kind is UrlKind.NOVEL:
            return self.story(found[1])
        return UrlMatch(kind, f"{self.site.base_url}/?p={found[1]}")

    def story(self, number: str) -> UrlMatch:
        """The match of a story by its number; its page, or its list of the API."""
        url = f"{self.site.base_url}/?post_type=fcn_story&p={number}"
        if self.api is not None:
            url = f"{self.api}{API_ROUTE.removeprefix('/')}{number}"
        return UrlMatch(UrlKind.NOVEL, url, novel_id=number)

    def chapter(self, number: str) -> str:
        return f"{self.site.base_url}/?p={number}"


def texts_beside(list_url: str, size: int) -> str:
    """The address of `size` chapters' texts at the API of a list, with a place for their numbers.

    >>> texts_beside("https://lantern.example/wp-json/storygraph/v1/story/13", 50)
    'https://lantern.example/wp-json/wp/v2/fcn_chapter?include={ids}&per_page=50&_fields=id,content,title'
    """
    root = list_url.partition(API_ROUTE)[0]
    fields = "id,content,title"
    return f"{root}/wp/v2/fcn_chapter?include={{ids}}&per_page={size}&_fields={fields}"
