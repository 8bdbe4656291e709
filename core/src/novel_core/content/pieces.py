"""A saved text cut at its tags, so that each distinct tag is examined once."""

from __future__ import annotations

import re
from collections.abc import Callable

Pieces = list[bytes]

_TAG = re.compile(rb"/?[a-z][a-z0-9]*(?: .*)?", re.DOTALL)
_MARKUP = re.compile(rb"<([^<>]*)>")
_BLOCK = re.compile(
    rb"/?(?:p|div|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col"
    rb"|blockquote|pre|figure|figcaption|details|summary|section|article|aside|header|footer|main|nav|address)"
    rb"(?: .*)?",
    re.DOTALL,
)


def cut(html: str) -> Pieces:
    """Texts and tags alternating, a text first and last; tags without their brackets.

    >>> cut("<p>One <b>two</b></p>")
    [b'', b'p', b'One ', b'b', b'two', b'/b', b'', b'/p', b'']
    """
    data = html.encode("utf-8", "replace")
    pieces = at_brackets(data)
    if all(map(_TAG.fullmatch, set(pieces[1::2]))) and len(pieces) % 2:
        return pieces
    return _MARKUP.split(data)


def at_brackets(data: bytes) -> Pieces:
    """As `cut`, for HTML whose brackets are all those of tags, as in saved HTML; the fastest way."""
    return data.replace(b">", b"<").split(b"<")


def joined(pieces: Pieces, written: Callable[[bytes], bytes]) -> bytes:
    """The texts of `pieces` joined, with the result of `written` for each tag between them.

    >>> joined(cut("<p>One <b>two</b></p>"), lambda tag: b"")
    b'One two'
    """
    tags = pieces[1::2]
    forms = {tag: written(tag) for tag in set(tags)}
    parts = pieces.copy()
    parts[1::2] = map(forms.__getitem__, tags)
    return b"".join(parts)


def is_block(tag: bytes) -> bool:
    """Whether a tag separates words and lines in any context.

    >>> is_block(b"/p"), is_block(b'h2 class="bold"'), is_block(b"pr"), is_block(b"em")
    (True, True, False, False)
    """
    return _BLOCK.fullmatch(tag) is not None
