"""The kinds of book that can be written."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath

from novel_core.errors import UsageError


class Format(StrEnum):
    EPUB = "epub"
    TXT = "txt"
    MARKDOWN = "md"
    HTML = "html"


_MEDIA_TYPES = {
    Format.EPUB: "application/epub+zip",
    Format.TXT: "text/plain; charset=utf-8",
    Format.MARKDOWN: "text/markdown; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
}
_OTHER_SUFFIXES = {"htm": Format.HTML, "markdown": Format.MARKDOWN, "text": Format.TXT}


def media_type(kind: Format) -> str:
    """What a server calls a book of this kind.

    >>> media_type(Format.EPUB)
    'application/epub+zip'
    """
    return _MEDIA_TYPES[kind]


def format_of(name: str | PurePath) -> Format:
    """The kind of book a file's name asks for.

    >>> format_of("shelf/Book.EPUB"), format_of("book.markdown")
    (<Format.EPUB: 'epub'>, <Format.MARKDOWN: 'md'>)
    """
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix in _OTHER_SUFFIXES:
        return _OTHER_SUFFIXES[suffix]
    try:
        return Format(suffix)
    except ValueError:
        raise UsageError(
            f"The name {PurePath(name).name!r} does not tell what kind of book is wanted.",
            hint=f"End it in one of {', '.join('.' + kind for kind in Format)}, or give --format.",
        ) from None
