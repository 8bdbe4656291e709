"""One HTML file with style and pictures in it. It loads and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape

from novel_core.export.body import Body
from novel_core.export.book import Entry, Gap, Part
from novel_core.export.contents import as_list, lines_of
from novel_core.export.export_context import ExportContext
from novel_core.export.picture import MissingPicture
from novel_core.export.styles import style
from novel_core.export.tree import as_html, element, legal

#: The policy that forbids the browser to load or run anything.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_pieces(context: ExportContext) -> Iterator[bytes]:
    return (piece.encode() for piece in _Writer(context).pieces())


def _prefix_of(entry: Entry | None) -> str:
    return f"{entry.anchor}-" if entry is not None else "about-"


def _place_of(item: Entry | Gap | Part) -> str:
    return f"#{item.anchor}"


class _Writer:
    def __init__(self, context: ExportContext) -> None:
        self._material = context
        self._body = Body(
            context.book,
            context.links,
            self._place_picture,
            _place_of,
            context.tally,
            "h2",
            _prefix_of,
        )

    def pieces(self) -> Iterator[str]:
        book = self._material.book
        yield self._head()
        contents = element(
            "details", element("summary", "Contents"), class_="contents", id="contents"
        )
        contents.append(as_list(tuple(lines_of(book, _place_of))))
        yield (
            as_html(element("header", *self._body.front()), element("nav", contents)) + "\n<main>\n"
        )
        for item, text in self._material.items():
            page = self._body.page(item, text)
            yield as_html(element("section", *page, class_="chapter", id=item.anchor)) + "\n"
        yield "</main>\n</body>\n</html>\n"

    def _head(self) -> str:
        book = self._material.book
        title = escape(legal(book.full_title))
        author = escape(legal(", ".join(book.authors)))
        direction = ' dir="rtl"' if book.is_right_to_left else ""
        return (
            f'<!DOCTYPE html>\n<html lang="{book.language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f'<meta name="author" content="{author}">\n<title>{title}</title>\n'
            f"<style>\n{style('book')}\n{style('page')}</style>\n</head>\n<body>\n"
        )

    def _place_picture(self, url: str) -> str | MissingPicture:
        found = self._material.gallery.picture(url)
        if isinstance(found, MissingPicture):
            return found
        return f"data:{found.media_type};base64,{b64encode(found.data).decode()}"
