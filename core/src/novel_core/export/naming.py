"""What a book's file is called."""

from __future__ import annotations

from novel_core.export.formats import Format
from novel_core.export.selection import Selection
from novel_core.library.slugs import slug_of

_MOST = 60  # characters of a volume's title


def file_name(slug: str, kind: Format, selection: Selection | None = None) -> str:
    """From a novel's slug: lower-case ASCII, sensible on every system.

    >>> file_name("the-lamp", Format.EPUB, Selection(1, 50, "Volume Two"))
    'the-lamp-volume-two-1-50.epub'
    """
    words = [slug]
    if selection is not None:
        if selection.volume is not None:
            words.append(slug_of(selection.volume, longest=_MOST) or "volume")
        if selection.first is not None or selection.last is not None:
            limits = [selection.first or 1, selection.last or "end"]
            words.append("-".join(str(limit) for limit in dict.fromkeys(limits)))
    return f"{'-'.join(words)}.{kind}"
