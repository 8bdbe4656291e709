"""The table of contents: volumes with their chapters, for EPUB 3, for EPUB 2, and for a web page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from novel_core.export import wording
from novel_core.export.book import Book, Entry, Gap, Part
from novel_core.export.tree import Element, element, legal

_OPS = "http://www.idpf.org/2007/ops"
_NCX = "http://www.daisy.org/z3986/2005/ncx/"
#: lxml writes None for the default namespace, which its types do not know.
_NAMESPACES: dict[Any, str] = {None: _NCX}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contents, with the lines below it."""

    title: str
    href: str
    lines: tuple[Line, ...] = ()


def lines_of(book: Book, href_of: Callable[[Entry | Gap | Part], str]) -> Iterator[Line]:
    for part in book.parts:
        lines = tuple(Line(_title(item), href_of(item)) for item in part.items)
        if part.volume is None:
            yield from lines
        else:
            yield Line(part.title, href_of(part), lines)


def _title(item: Entry | Gap) -> str:
    if isinstance(item, Gap):
        return wording.gap_title(item.entries)
    return f"{item.title} (removed)" if item.is_removed else item.title


def as_list(lines: tuple[Line, ...]) -> Element:
    """Nested lists of links."""
    made = element("ol")
    for line in lines:
        item = element("li", element("a", line.title, href=line.href))
        if line.lines:
            item.append(as_list(line.lines))
        made.append(item)
    return made


def navigation(lines: tuple[Line, ...], landmarks: tuple[tuple[str, Line], ...]) -> list[Element]:
    """The navigation document's two lists: the contents, and the landmarks (cover, contents, text)."""
    contents = etree.Element("nav", nsmap={"epub": _OPS})
    contents.set(f"{{{_OPS}}}type", "toc")
    contents.set("class", "contents")
    contents.append(element("h1", "Contents", lang="en", xml_lang="en"))
    contents.append(as_list(lines))
    marks = etree.Element("nav", nsmap={"epub": _OPS})
    marks.set(f"{{{_OPS}}}type", "landmarks")
    marks.set("hidden", "hidden")
    marks.append(element("h2", "Guide", lang="en", xml_lang="en"))
    listed = element("ol")
    for kind, line in landmarks:
        link = element("a", line.title, href=line.href)
        link.set(f"{{{_OPS}}}type", kind)
        listed.append(element("li", link))
    marks.append(listed)
    return [contents, marks]


def write_ncx(book: Book, lines: tuple[Line, ...]) -> bytes:
    """The contents for EPUB 2 readers."""
    root = etree.Element(f"{{{_NCX}}}ncx", {"version": "2005-1"}, nsmap=_NAMESPACES)
    head = _add(root, "head")
    depth = 2 if any(line.lines for line in lines) else 1
    for name, value in {
        "dtb:uid": book.identifier,
        "dtb:depth": str(depth),
        "dtb:totalPageCount": "0",
        "dtb:maxPageNumber": "0",
    }.items():
        _add(head, "meta", name=name, content=value)
    _add(_add(root, "docTitle"), "text").text = legal(book.full_title)
    if book.authors:
        _add(_add(root, "docAuthor"), "text").text = legal(", ".join(book.authors))
    _Points().write(_add(root, "navMap"), lines)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


class _Points:
    """Numbers the points in reading order."""

    def __init__(self) -> None:
        self._order = 0

    def write(self, parent: Element, lines: tuple[Line, ...]) -> None:
        for line in lines:
            self._order += 1
            point = _add(parent, "navPoint", id=f"point-{self._order}", playOrder=str(self._order))
            _add(_add(point, "navLabel"), "text").text = legal(line.title)
            _add(point, "content", src=line.href)
            self.write(point, line.lines)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{_NCX}}}{tag}", attributes)
