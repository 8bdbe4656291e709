"""The formats of a book, and its file name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath

from novel_core.errors import UsageError
from novel_core.export.selection import Selection
from novel_core.library.slugs import slug_of


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
#: Characters of a volume's title in a file name.
_LONGEST_VOLUME = 60


def media_type(kind: Format) -> str:
    """The media type of the format.

    >>> media_type(Format.EPUB)
    'application/epub+zip'
    """
    return _MEDIA_TYPES[kind]


def format_of(name: str | PurePath) -> Format:
    """The format by a file's name.

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
            f"The name {PurePath(name).name!r} has no ending that names a format.",
            hint=f"End it in one of {', '.join('.' + kind for kind in Format)}, or give --format.",
        ) from None


def file_name(slug: str, kind: Format, selection: Selection | None = None) -> str:
    """A file name made of a novel's slug in lower-case ASCII, valid on every system.

    >>> file_name("the-lamp", Format.EPUB, Selection(1, 50, "Volume Two"))
    'the-lamp-volume-two-1-50.epub'
    """
    words = [slug]
    if selection is not None:
        if selection.volume is not None:
            words.append(slug_of(selection.volume, longest=_LONGEST_VOLUME) or "volume")
        if selection.first is not None or selection.last is not None:
            limits = [selection.first or 1, selection.last or "end"]
            words.append("-".join(str(limit) for limit in dict.fromkeys(limits)))
    return f"{'-'.join(words)}.{kind}"
