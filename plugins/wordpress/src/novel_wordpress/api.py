"""The addresses of WordPress' API: where a site has it, and what is asked there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from novel_wordpress.books import Book, BookKind

#: The host of the API of all sites at WordPress.com.
HOSTED = "public-api.wordpress.com"
#: Posts of one answer: the most that WordPress gives.
PER_PAGE = 100
_LIST_FIELDS = "id,date_gmt,modified_gmt,link,title.rendered,categories,content.protected"
_EMBEDDED = "_links.wp:term,_embedded"
_ROOT = re.compile(
    rf"https?://{re.escape(HOSTED)}/wp/v2/sites/[^/?]{{1,253}}/"
    r"|https?://[^?]{1,1500}/wp-json/"
    r"|https?://[^?]{1,1500}\?rest_route=/"
)
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Request:
    """What an address of the API asks: a route below `wp/v2/`, and its parameters."""

    route: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one site; `root` is what its addresses begin with.

    >>> Api("https://a.example/wp-json/").url("tags/9")
    'https://a.example/wp-json/wp/v2/tags/9'
    >>> Api("https://a.example/?rest_route=/").url("tags", slug="sea")
    'https://a.example/?rest_route=/wp/v2/tags&slug=sea'
    """

    root: str
    #: Texts of one answer; fewer where they are so long that the answer would be refused.
    texts_at_once: int = PER_PAGE

    @classmethod
    def hosted(cls, host: str) -> Api:
        """That of a site at WordPress.com."""
        return cls(f"https://{HOSTED}/wp/v2/sites/{host}/")

    @classmethod
    def of(cls, root: str) -> Api | None:
        """The API whose root is written as in a page's head; None for another address.

        >>> Api.of("https://a.example/index.php?rest_route=%2F").root
        'https://a.example/index.php?rest_route=/'
        """
        root = root.replace("rest_route=%2F", "rest_route=/").partition("#")[0]
        if not root.endswith("/"):
            root += "/"
        return cls(root) if _ROOT.fullmatch(root) else None

    @property
    def is_hosted(self) -> bool:
        return urlsplit(self.root).hostname == HOSTED

    @property
    def host(self) -> str:
        return urlsplit(self.root).hostname or ""

    def url(self, route: str, **parameters: str) -> str:
        """The address of a route below `wp/v2/`; `__` in a parameter's name is a level of it."""
        path = f"{self.root}{route}" if self.is_hosted else f"{self.root}wp/v2/{route}"
        query = "&".join(
            f"{_escaped(name)}={quote(value, safe=',{}:.')}" for name, value in parameters.items()
        )
        if not query:
            return path
        return f"{path}{'&' if '?' in path else '?'}{query}"

    def request(self, url: str) -> Request | None:
        """What `url` asks of this API; None for another address.

        >>> Api("https://a.example/wp-json/").request("https://a.example/wp-json/wp/v2/tags?slug=b")
        Request(route='tags', parameters={'slug': 'b'})
        """
        start = self.url("")
        if not url.startswith(start):
            return None
        route, _, query = url.removeprefix(start).partition("&" if "?" in start else "?")
        return Request(route, dict(parse_qsl(query, keep_blank_values=True)))

    def latest(self, book: Book) -> str:
        """The posts of a book, the last changed first: the page that an update begins with."""
        return self.url("posts", **_filter(book), orderby="modified", order="desc", **_LIST)

    def listed(self, book: Book, page: int) -> str:
        """One page of the posts of a book, the oldest first; the first one with its authors."""
        more = {} if page > 1 else {"_embed": "author"}
        fields = _LIST_FIELDS if page > 1 else f"{_LIST_FIELDS},_links.author,_embedded.author"
        asked = _LIST | {"_fields": fields} | more
        return self.url(
            "posts", **_filter(book), orderby="date", order="asc", page=str(page), **asked
        )

    def texts(self) -> str:
        """The texts of posts; their ids go in the place of `{ids}`."""
        fields = "id,link,title.rendered,date_gmt,modified_gmt,content"
        return self.url("posts", include="{ids}", per_page=str(PER_PAGE), _fields=fields)

    def terms(self) -> str:
        """The site's categories, the largest first."""
        fields = "id,name,slug,parent,count,description,link"
        return self.url(
            "categories", per_page=str(PER_PAGE), orderby="count", order="desc", _fields=fields
        )

    def term(self, book: Book) -> str:
        route = "tags" if book.kind is BookKind.TAG else "categories"
        return self.url(f"{route}/{book.number}", _fields="id,name,description,link")

    def contents(self, number: str) -> str:
        """A page of the site, with its picture."""
        fields = "id,link,title.rendered,content,modified_gmt,_links.wp:featuredmedia,_embedded"
        return self.url(f"pages/{number}", _embed="wp:featuredmedia", _fields=fields)

    def by_slugs(self, slugs: str) -> str:
        """The posts of these slugs, for the links of a contents page."""
        fields = "id,date_gmt,modified_gmt,link,slug,title.rendered,content.protected"
        return self.url("posts", slug=slugs, per_page=str(PER_PAGE), _fields=fields)

    def post(self, number: str) -> str:
        """One post with its terms: it tells its book."""
        return self.url(
            f"posts/{number}",
            _embed="wp:term",
            _fields=f"id,link,title.rendered,categories,{_EMBEDDED}",
        )

    def named(self, kind: BookKind, slug: str) -> str:
        """The category or tag with this slug."""
        route = "tags" if kind is BookKind.TAG else "categories"
        return self.url(route, slug=slug, _fields="id,name,slug,link")

    def site_data(self) -> str:
        """The name of the whole site."""
        if self.is_hosted:
            site = self.root.rstrip("/").rpartition("/")[2]
            return f"https://{HOSTED}/rest/v1.1/sites/{site}?fields=ID,name,description,URL"
        mark = "&" if "?" in self.root else "?"
        return f"{self.root}{mark}_fields=name,description,url,home"

    def book_at(self, url: str) -> Book | None:
        """The book whose latest posts are at `url`."""
        request = self.request(url)
        if request is None:
            return None
        asked, number = request.parameters, request.route.partition("/")[2]
        if request.route == f"pages/{number}" and _NUMBER.fullmatch(number):
            return Book(BookKind.PAGE, number)
        if request.route != "posts" or asked.get("orderby") != "modified":
            return None
        term, tag = asked.get("categories[terms]"), asked.get("tags")
        if term is None and tag is None:
            return Book(BookKind.BLOG)
        kind = BookKind.CATEGORY if term else BookKind.TAG
        return Book(kind, number) if _NUMBER.fullmatch(number := term or tag or "") else None


_LIST = {"per_page": str(PER_PAGE), "_fields": _LIST_FIELDS}


def _filter(book: Book) -> dict[str, str]:
    match book.kind:
        case BookKind.CATEGORY:
            return {"categories__terms": book.number, "categories__include_children": "true"}
        case BookKind.TAG:
            return {"tags": book.number}
    return {}


def _escaped(name: str) -> str:
    first, mark, inner = name.partition("__")
    return f"{first}%5B{inner}%5D" if mark and first else name
