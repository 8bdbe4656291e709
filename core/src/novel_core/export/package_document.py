"""The package document of an EPUB: its metadata, all its files, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from novel_core.content import to_text
from novel_core.export.book import Book
from novel_core.export.links import web_address
from novel_core.export.tree import XML_LANG, Element, legal
from novel_core.library.novels import SeriesPlace

_OPF = "http://www.idpf.org/2007/opf"
_DC = "http://purl.org/dc/elements/1.1/"
#: lxml writes None for the default namespace, which its types do not know.
_NAMESPACES: dict[Any, str] = {None: _OPF}
#: Of the accessibility metadata.
_FEATURES = ("tableOfContents", "readingOrder", "structuralNavigation", "displayTransformability")
# Characters; shops and libraries cut far earlier.
_DESCRIPTION = 4000


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the book; `in_spine` for a page in reading order."""

    id: str
    href: str
    media_type: str
    properties: str | None = None
    in_spine: bool = False


def write_package(book: Book, items: Sequence[Item], *, cover_id: str, has_pictures: bool) -> bytes:
    attributes = {
        "version": "3.0",
        "unique-identifier": "book-id",
        "prefix": "schema: http://schema.org/",
        XML_LANG: book.language,
    }
    root = etree.Element(f"{{{_OPF}}}package", attributes, nsmap=_NAMESPACES)
    metadata = etree.SubElement(root, f"{{{_OPF}}}metadata", nsmap={"dc": _DC})
    _describe(metadata, book, cover_id)
    _meta(metadata, "schema:accessMode", "textual")
    if has_pictures:
        _meta(metadata, "schema:accessMode", "visual")
    else:
        _meta(metadata, "schema:accessModeSufficient", "textual")
    for feature in _FEATURES:
        _meta(metadata, "schema:accessibilityFeature", feature)
    _meta(metadata, "schema:accessibilityHazard", "unknown")
    manifest = etree.SubElement(root, f"{{{_OPF}}}manifest")
    spine = etree.SubElement(root, f"{{{_OPF}}}spine", toc="ncx")
    if book.is_right_to_left:
        spine.set("page-progression-direction", "rtl")
    for item in items:
        made = etree.SubElement(
            manifest,
            f"{{{_OPF}}}item",
            {"id": item.id, "href": item.href, "media-type": item.media_type},
        )
        if item.properties:
            made.set("properties", item.properties)
        if item.in_spine:
            etree.SubElement(spine, f"{{{_OPF}}}itemref", idref=item.id)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _describe(metadata: Element, book: Book, cover_id: str) -> None:
    _core(metadata, "identifier", book.identifier, id="book-id")
    _core(metadata, "title", book.full_title, id="title")
    _core(metadata, "language", book.language)
    for place, author in enumerate(book.authors, 1):
        _core(metadata, "creator", author, id=f"author-{place}")
        _meta(metadata, "role", "aut", refines=f"#author-{place}", scheme="marc:relators")
        _meta(metadata, "display-seq", str(place), refines=f"#author-{place}")
    _core(metadata, "publisher", book.source_title)
    address = web_address(book.url)
    if address:
        _core(metadata, "source", address)
    description = to_text(book.description_html, width=None).strip()
    if description:
        _core(metadata, "description", description[:_DESCRIPTION])
    for tag in book.tags:
        _core(metadata, "subject", tag)
    for place, series in enumerate(book.series, 1):
        _collect(metadata, series, f"series-{place}")
    if book.published_at:
        _core(metadata, "date", written_moment(book.published_at))
    _meta(metadata, "dcterms:modified", written_moment(book.updated_at))
    old_style = {"cover": cover_id}
    if book.series:
        # Calibre and many e-readers know one series, and only by these names.
        first = book.series[0]
        old_style["calibre:series"] = first.name
        if first.place is not None:
            old_style["calibre:series_index"] = first.place
    for name, content in old_style.items():
        etree.SubElement(metadata, f"{{{_OPF}}}meta", name=name, content=legal(content))


def _collect(metadata: Element, series: SeriesPlace, name: str) -> None:
    _meta(metadata, "belongs-to-collection", series.name, id=name)
    _meta(metadata, "collection-type", "series", refines=f"#{name}")
    if series.place is not None and not series.place.startswith("-"):
        _meta(metadata, "group-position", series.place, refines=f"#{name}")
    if series.source_id is not None:
        _meta(metadata, "dcterms:identifier", series.source_id, refines=f"#{name}")


def written_moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _core(metadata: Element, name: str, value: str, **attributes: str) -> None:
    made = etree.SubElement(metadata, f"{{{_DC}}}{name}", attributes)
    made.text = legal(value)


def _meta(metadata: Element, name: str, value: str, **attributes: str) -> None:
    made = etree.SubElement(metadata, f"{{{_OPF}}}meta", {"property": name, **attributes})
    made.text = legal(value)
