"""The table of contents: volumes with their chapters, for EPUB 3, for EPUB 2, and for a web page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from lxml import etree

from novel_core.export import wording
from novel_core.export.book import Book, Entry, Gap, Part
from novel_core.export.tree import Element, element, legal

_OPS = "http://www.idpf.org/2007/ops"
_TYPE = f"{{{_OPS}}}type"
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
        below = [as_list(line.lines)] if line.lines else []
        made.append(element("li", element("a", line.title, href=line.href), *below))
    return made


def navigation(lines: tuple[Line, ...], landmarks: tuple[tuple[str, Line], ...]) -> list[Element]:
    """The navigation document's two lists: the contents, and the landmarks (cover, contents, text)."""
    marks = as_list(tuple(line for _, line in landmarks))
    for link, (kind, _) in zip(marks.iter("a"), landmarks, strict=True):
        link.set(_TYPE, kind)
    made = []
    for kind, attribute, heading, listed in (
        (
            "toc",
            {"class": "contents"},
            element("h1", "Contents", lang="en", xml_lang="en"),
            as_list(lines),
        ),
        (
            "landmarks",
            {"hidden": "hidden"},
            element("h2", "Guide", lang="en", xml_lang="en"),
            marks,
        ),
    ):
        nav = etree.Element("nav", {_TYPE: kind} | attribute, nsmap={"epub": _OPS})
        nav.extend((heading, listed))
        made.append(nav)
    return made


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
    _add_points(_add(root, "navMap"), lines, count(1))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _add_points(parent: Element, lines: tuple[Line, ...], numbers: Iterator[int]) -> None:
    """Add the points, numbered in reading order."""
    for line, number in zip(lines, numbers, strict=False):
        point = _add(parent, "navPoint", id=f"point-{number}", playOrder=str(number))
        _add(_add(point, "navLabel"), "text").text = legal(line.title)
        _add(point, "content", src=line.href)
        _add_points(point, line.lines, numbers)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{_NCX}}}{tag}", attributes)
