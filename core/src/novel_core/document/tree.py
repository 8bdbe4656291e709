"""A page as the tree that a browser makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from novel_core.document.nesting import check_source
from novel_core.document.scripts import script_values
from novel_core.document.text import select
from novel_core.errors import PageChanged

#: An element of a page: selectolax's own class. `css` and `css_first` select inside it;
#: `attributes` are its attributes.
Element = LexborNode

_AROUND = "".join(map(chr, range(0x21)))
_INSIDE = str.maketrans("", "", "\t\r\n")


@dataclass(frozen=True, slots=True)
class Document:
    """A page as a browser reads it: `root` is its `html` element, `declared_base` the URL of its
    `<base href>`.

    >>> page = parse_html('<base href="/b/"><p>One<p><a href=" c.html\\n">Two</a></body><p>Three', "https://example.org/a")
    >>> [element.text() for element in page.css("p")]
    ['One', 'Two', 'Three']
    >>> page.absolute(page.css_first("a").attributes["href"])
    'https://example.org/b/c.html'
    """

    root: Element
    url: str
    declared_base: str | None = None

    @property
    def base_url(self) -> str:
        """The base of the page's relative URLs."""
        return self.declared_base or self.url

    def css(self, selector: str) -> Sequence[Element]:
        """All elements that a CSS selector selects, in the order of the page."""
        return select(self.root, selector)

    def css_first(self, selector: str) -> Element | None:
        """The first element that a CSS selector selects."""
        return self.root.css_first(selector)

    def scripts(self, name: str) -> list[Any]:
        """The JSON in the page's scripts: in those that a CSS selector names, or assigned to `name=`.

        PageChanged if there are such scripts and none holds JSON.

        >>> page = parse_html('<script>window.work = {"id": 7};</script>', "https://example.org/a")
        >>> page.scripts("window.work=")
        [{'id': 7}]
        """
        return script_values(self.root, name, self.url)

    def absolute(self, address: str | None) -> str | None:
        """A URL of the page as an absolute http(s) URL, or None."""
        return absolute(address, self.base_url)


def parse_html(html: str, url: str) -> Document:
    """The document of a whole page's markup from `url`; PageBroken if nested too deep, PageChanged if
    empty."""
    if not html or html.isspace():
        raise PageChanged("The page has no content", url=url, selector="html")
    html = _encodable(html)
    check_source(html, url)
    root = LexborHTMLParser(html).root
    assert root is not None
    base = root.css_first("base[href]")
    declared = absolute(base.attributes["href"], url) if base is not None else None
    return Document(root, url, declared)


def fragment(html: str, url: str = "") -> Element:
    """A `body` with the nodes of a piece of markup. `url` is named in errors.

    >>> fragment("one<br>two").inner_html
    'one<br>two'
    """
    html = _encodable(html)
    check_source(html, url)
    body = LexborHTMLParser("<!DOCTYPE html>").body
    assert body is not None
    body.inner_html = html
    return body


def absolute(address: str | None, base_url: str) -> str | None:
    """A URL found on a page, resolved as a browser does.

    White space around it and line breaks inside are dropped, a backslash is a slash. None for
    anything but http and https.

    >>> absolute(" ../b\\n.html ", "https://example.org/a/c")
    'https://example.org/b.html'
    >>> absolute("mailto:x@example.org", "https://example.org/") is None
    True
    """
    if address is None:
        return None
    address = address.strip(_AROUND).translate(_INSIDE)
    if not address:
        return None
    end = next((place for place, sign in enumerate(address) if sign in "?#"), len(address))
    if "\\" in address:
        address = address[:end].replace("\\", "/") + address[end:]
    try:
        url = urljoin(base_url, address)
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    return parts.scheme + url[len(parts.scheme) :]


def _encodable(html: str) -> str:
    """`html` with surrogate pairs joined, and single surrogates replaced."""
    try:
        html.encode()
    except UnicodeEncodeError:
        return html.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html
