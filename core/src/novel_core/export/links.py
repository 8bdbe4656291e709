"""Links of a text: to chapters in the same book, else to the web; and inside the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, urldefrag, urlsplit, urlunsplit

import idna

from novel_core.errors import NovelError
from novel_core.export.book import Book, Entry
from novel_core.export.tree import Element
from novel_core.registry import Registry
from novel_core.source import UrlKind

#: On a link: the id in the same text that it leads to, until that id is found.
PLACE = "data-place"
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]")
_HOST = re.compile(r"[A-Za-z0-9._~-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_MAIL = re.compile(r"mailto:[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


def web_address(url: str) -> str | None:
    """`url` as clean ASCII for every reading system; None if it cannot be written so.

    >>> web_address("https://münchen.example/a b?q=50%#x[1]")
    'https://xn--mnchen-3ya.example/a%20b?q=50%25#x%5B1%5D'
    """
    if url.startswith("mailto:"):
        return url if _MAIL.fullmatch(url) else None
    try:
        parts = urlsplit(url)
        host = parts.netloc
        if not host.isascii():
            name, mark, port = host.partition(":")
            host = idna.encode(name, uts46=True).decode() + mark + port
    except (ValueError, idna.IDNAError):
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    path, query, fragment = (
        _STRAY.sub(lambda stray: quote(stray[0], safe=""), part) for part in parts[2:]
    )
    return urlunsplit((parts.scheme, host, path, query, fragment))


class Links:
    """The chapters of one book by their URLs, as the source's plugin matches them."""

    def __init__(self, book: Book, registry: Registry) -> None:
        self._book = book
        self._registry = registry
        self._by_url = {urldefrag(entry.url).url: entry for entry in book.held}
        self._by_id = {entry.source_id: entry for entry in book.held}
        info = registry.info_of(book.source)
        self._hosts = frozenset(info.domains if info else ())

    def target(self, url: str) -> Entry | None:
        """The chapter of the book that `url` leads to."""
        page = urldefrag(url).url
        found = self._by_url.get(page)
        if found is not None or urlsplit(page).hostname not in self._hosts:
            return found
        try:
            resolved = self._registry.resolve(page)
        except NovelError:
            return None
        match = resolved.match
        is_ours = resolved.source.name == self._book.source and match.kind is UrlKind.CHAPTER
        if not is_ours or match.novel_id not in {None, self._book.source_id}:
            return None
        return self._by_id.get(match.chapter_id or "")

    def rewrite(self, root: Element, here: Entry | None, place_of: Callable[[Entry], str]) -> None:
        """Rewrite every link below `root`, a text of chapter `here`, for the book.

        A link to a place in the same text is left to `place`; a link to its own chapter
        loses its address, and its words stay.
        """
        for link in list(root.iter("a")):
            href = link.get("href")
            if href is None:
                continue
            if href.startswith("#"):
                del link.attrib["href"]
                link.set(PLACE, href[1:])
                continue
            target = self.target(href) if not href.startswith("mailto:") else None
            address = place_of(target) if target is not None else web_address(href)
            if address is None or (target is not None and target is here):
                del link.attrib["href"]
                link.tag = "span"
            else:
                link.set("href", address)


def place(roots: Sequence[Element], prefix: str = "") -> None:
    """Prefix the ids of one chapter's trees with `prefix`, and settle their inner links.

    A link to a missing id loses its address; its words stay.
    """
    seen: set[str] = set()
    links: list[Element] = []
    for root in roots:
        for one in root.iter():
            name = one.get("id")
            if name is not None:
                if name in seen or not _ID.fullmatch(name):
                    del one.attrib["id"]
                else:
                    seen.add(name)
                    one.set("id", prefix + name)
            if PLACE in one.attrib:
                links.append(one)
    for link in links:
        target = str(link.attrib.pop(PLACE))
        if target in seen:
            link.set("href", f"#{prefix}{target}")
        else:
            link.tag = "span"
