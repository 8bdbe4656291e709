"""The texts of a chapter's pages, joined as one: an id that several pages use stays one id for each
page, and an address stays relative to its own page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag

from selectolax.lexbor import LexborNode

from novel_core.content.image_address import LAZY_SETS, LAZY_SOURCES
from novel_core.content.links import absolute, largest_candidate
from novel_core.document import fragment

#: A fast check for markup with ids or addresses.
_NAMED = re.compile(r"\s(?:id|name)\s*+=", re.IGNORECASE)
_ADDRESSED = re.compile(r"\s(?:href|cite|poster|src|srcset|data[a-z-]*+)\s*+=", re.IGNORECASE)
_ADDRESSES = ("href", "src", "cite", "poster", "data", *LAZY_SOURCES)
_SETS = ("srcset", *LAZY_SETS)
_WITH_ADDRESS = ",".join(f"[{name}]" for name in (*_ADDRESSES, *_SETS))


@dataclass(frozen=True, slots=True)
class PartTexts:
    """The texts of one page of a chapter (content, notes), and the base of its relative URLs."""

    base_url: str
    texts: tuple[str, ...]


def join_texts(parts: Sequence[PartTexts]) -> tuple[str, ...]:
    """Each text of all the parts, joined.

    An id that an earlier part has too gets another name, and the links of its part lead to it. A link
    to an id of another part leads there, with or without that page's address.

    >>> page = "<p><a href='#n1'>1</a></p><p id='n1'>Note of page {}</p>"
    >>> parts = [PartTexts(f"https://example.org/7?page={n}", (page.format(n),)) for n in (1, 2)]
    >>> print(join_texts(parts)[0].replace("<p>", "\\n<p>"))
    <BLANKLINE>
    <p><a href='#n1'>1</a></p><p id='n1'>Note of page 1</p>
    <p><a href="#part-2-n1">1</a></p><p id="part-2-n1">Note of page 2</p>
    """
    ids = [_ids(part) for part in parts] if any(_has_ids(part) for part in parts) else []
    names = _unique(ids)
    pages = [urldefrag(part.base_url).url for part in parts]
    joined = [_Part(number, pages, names).rewritten(part) for number, part in enumerate(parts)]
    return tuple("".join(texts) for texts in zip(*joined, strict=True))


def _has_ids(part: PartTexts) -> bool:
    return any(_NAMED.search(text) for text in part.texts)


def _ids(part: PartTexts) -> list[str]:
    """The ids of a part in order, each once."""
    found: dict[str, None] = {}
    for text in part.texts:
        if _NAMED.search(text):
            for node in fragment(text).css("[id],a[name]"):
                for key in ("id", "name"):
                    if name := node.attributes.get(key):
                        found[name] = None
    return list(found)


def _unique(ids: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """For each part the new names of its ids, no two of them equal."""
    taken = {name for part in ids for name in part}
    used: set[str] = set()
    names: list[dict[str, str]] = []
    for number, part in enumerate(ids, 1):
        names.append({})
        for name in part:
            new = name
            if name in used:
                new = f"part-{number}-{name}"
                while new in taken:
                    new = f"part-{new}"
                taken.add(new)
            used.add(new)
            names[-1][name] = new
    return names


@dataclass(frozen=True, slots=True)
class _Part:
    """One part beside the others: the addresses of all of them, and the new names of their ids."""

    number: int
    pages: Sequence[str]
    names: Sequence[dict[str, str]]

    def rewritten(self, part: PartTexts) -> list[str]:
        return [self._rewritten(text, part.base_url) for text in part.texts]

    def _rewritten(self, text: str, base_url: str) -> str:
        if not _ADDRESSED.search(text) and not (self.number and _NAMED.search(text)):
            return text
        if not self.number and "#" not in text:
            return text
        root = fragment(text)
        changes = [self._rename(node) for node in root.css("[id],a[name]") if self.names]
        changes += [self._readdress(node, base_url) for node in root.css(_WITH_ADDRESS)]
        return (root.inner_html or "") if any(changes) else text

    def _rename(self, node: LexborNode) -> bool:
        has_changed = False
        for key in ("id", "name"):
            name = node.attributes.get(key)
            new = self.names[self.number].get(name) if name else None
            if new is not None and new != name:
                node.attrs[key] = new
                has_changed = True
        return has_changed

    def _readdress(self, node: LexborNode, base_url: str) -> bool:
        """Give the element's addresses for the joined text, whose base is that of the first part."""
        values = {key: value for key, value in node.attributes.items() if value}
        new: dict[str, str] = {}
        if node.tag == "a" and (place := self._place(values.get("href", ""), base_url)):
            new["href"] = "#" + place.replace("%", "%25")
        elif self.pages[0] != self.pages[self.number]:
            for key in _ADDRESSES:
                new[key] = self._moved(values.get(key, ""), base_url)
            for key in _SETS:
                new[key] = self._moved(largest_candidate(values.get(key, "")), base_url)
        has_changed = False
        for key, value in new.items():
            if value and value != values[key]:
                node.attrs[key] = value
                has_changed = True
        return has_changed

    def _place(self, href: str, base_url: str) -> str | None:
        """The id that a link leads to, in its own part before the others; None for another link."""
        page, mark, fragment_id = href.strip().partition("#")
        name = unquote(fragment_id)
        if not mark or not name or not self.names:
            return None
        target = absolute(page, base_url) if page else self.pages[self.number]
        if target == self.pages[self.number]:
            order = [self.number, *range(len(self.pages))]
        else:
            order = [number for number, address in enumerate(self.pages) if address == target]
        found = (self.names[number].get(name) for number in order)
        return next(filter(None, found), None)

    def _moved(self, address: str, base_url: str) -> str:
        """The address as it leads from the first part to the same place; empty if it does anyway."""
        if not address or address.startswith(("#", "data:")):
            return ""
        target = absolute(address, base_url)
        return target if target and target != absolute(address, self.pages[0]) else ""
