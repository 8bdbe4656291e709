"""EPUB 3, streamed: each chapter is written and released before the next is read.

Python's EPUB libraries keep a whole book in memory or in a temporary folder, and add the time of
writing and random identifiers. The format is a ZIP file of XML, which `zipfile` and lxml write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from html import escape

from novel_core.export.body import Body
from novel_core.export.book import Entry, Gap, Part
from novel_core.export.container import Container
from novel_core.export.contents import Line, lines_of, navigation, write_ncx
from novel_core.export.cover import draw_cover
from novel_core.export.export_context import ExportContext
from novel_core.export.package_document import Item, write_package
from novel_core.export.picture import MissingPicture, Picture, as_cover
from novel_core.export.styles import style
from novel_core.export.tree import MATH, Element, as_xhtml, element, legal

_MEDIA_TYPE = "application/epub+zip"
_XHTML = "application/xhtml+xml"
_FOLDER = "EPUB"
_CONTAINER = f"""<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="{_FOLDER}/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""


def epub_pieces(context: ExportContext) -> Iterator[bytes]:
    """The bytes of the book, about a chapter at a time."""
    writer = _Writer(context)
    # An abandoned book ends here, not when memory is cleaned up.
    with closing(writer.container):
        yield from writer.pieces()


def _page_of(item: Entry | Gap | Part) -> str:
    return f"{item.anchor}.xhtml"


class _Writer:
    def __init__(self, context: ExportContext) -> None:
        self._material = context
        self._book = context.book
        self.container = Container(self._book.updated_at)
        self._items: list[Item] = []
        self._pictures: dict[str, str | MissingPicture] = {}
        self._by_content: dict[bytes, str] = {}
        self._body = Body(self._book, context.links, self._place_picture, _page_of, context.tally)

    def pieces(self) -> Iterator[bytes]:
        # First and uncompressed, because programs recognise an EPUB by it.
        self.container.add("mimetype", _MEDIA_TYPE, compressed=False)
        self.container.add("META-INF/container.xml", _CONTAINER)
        self._add_file("style.css", style("book"), "text/css")
        cover = self._add_cover()
        self._add_page("title.xhtml", self._book.title, self._body.front())
        self._add_navigation()
        yield self.container.take()
        for item, text in self._material.items():
            title = "Not in this book" if isinstance(item, Gap) else item.title
            self._add_page(_page_of(item), title, self._body.page(item, text))
            yield self.container.take()
        package = write_package(
            self._book, self._items, cover_id=cover, has_pictures=bool(self._by_content)
        )
        self.container.add(f"{_FOLDER}/package.opf", package)
        self.container.close()
        yield self.container.take()

    def _add_navigation(self) -> None:
        front = (Line("Cover", "cover.xhtml"), Line(self._book.title, "title.xhtml"))
        lines = (front[1], *lines_of(self._book, _page_of))
        first = lines[1].lines[0] if lines[1].lines else lines[1]
        landmarks = (
            ("cover", front[0]),
            ("titlepage", front[1]),
            ("toc", Line("Contents", "nav.xhtml")),
            ("bodymatter", first),
        )
        pages = navigation(lines, landmarks)
        self._add_page("nav.xhtml", "Contents", pages, properties="nav")
        self._add_file("toc.ncx", write_ncx(self._book, lines), "application/x-dtbncx+xml", "ncx")

    def _add_cover(self) -> str:
        """Add the cover's picture and page. Return the id of the picture."""
        url = self._book.cover_url
        found = self._material.gallery.picture(url) if url else MissingPicture.NOT_HELD
        if url and not isinstance(found, MissingPicture):
            placed = self._add_picture(as_cover(found), "cover-image")
            self._pictures[url] = placed
        else:
            placed = "images/cover.png"
            self._add_file(placed, draw_cover(self._book), "image/png", properties="cover-image")
        shown = element("p", element("img", src=placed, alt=self._book.full_title))
        self._add_page("cover.xhtml", "Cover", [shown], classes="cover")
        return _id_of(placed)

    def _place_picture(self, url: str) -> str | MissingPicture:
        if url not in self._pictures:
            found = self._material.gallery.picture(url)
            self._pictures[url] = (
                found if isinstance(found, MissingPicture) else self._add_picture(found)
            )
        return self._pictures[url]

    def _add_picture(self, picture: Picture, properties: str | None = None) -> str:
        """The picture's address in the book; the same picture is added once."""
        digest = hashlib.blake2b(picture.data, digest_size=16).digest()
        if digest not in self._by_content:
            href = f"images/{len(self._by_content) + 1:04}.{picture.suffix}"
            self.container.add(f"{_FOLDER}/{href}", picture.data, compressed=False)
            self._items.append(Item(_id_of(href), href, picture.media_type, properties))
            self._by_content[digest] = href
        return self._by_content[digest]

    def _add_page(
        self,
        href: str,
        title: str,
        elements: list[Element],
        *,
        properties: str | None = None,
        classes: str | None = None,
    ) -> None:
        language = self._book.language
        direction = ' dir="rtl"' if self._book.is_right_to_left else ""
        body_class = f' class="{classes}"' if classes else ""
        body = as_xhtml(*elements)
        if MATH in body:
            properties = f"{properties} mathml" if properties else "mathml"
        page = (
            '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
            '<html xmlns="http://www.w3.org/1999/xhtml" '
            f'lang="{language}" xml:lang="{language}"{direction}>\n'
            f"<head><title>{escape(legal(title), quote=False)}</title>"
            '<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
            f"<body{body_class}>{body}</body>\n</html>\n"
        )
        self.container.add(f"{_FOLDER}/{href}", page.encode())
        self._items.append(Item(_id_of(href), href, _XHTML, properties, in_spine=True))

    def _add_file(
        self,
        href: str,
        data: bytes | str,
        media_type: str,
        id_: str | None = None,
        properties: str | None = None,
    ) -> None:
        self.container.add(f"{_FOLDER}/{href}", data)
        self._items.append(Item(id_ or _id_of(href), href, media_type, properties))


def _id_of(href: str) -> str:
    """A file's id for XML; no two files have the same."""
    return "file-" + href.replace("/", "-")
