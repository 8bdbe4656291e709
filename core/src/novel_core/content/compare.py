"""Comparing saved texts by a fingerprint of what a reader sees."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from novel_core.content.marks import without_marks
from novel_core.content.pieces import Pieces, cut, is_block, joined

_IMAGE_QUERY = re.compile(rb'(<img [^<>]*?src="[^"?#<>]*)[?#][^"]*')
_REL = re.compile(rb' rel="[^"]*"')
#: Invisible attributes: ids inside a text, and the codes of protected e-mail addresses.
_PLACE = re.compile(
    rb' id="place-[^"]*"|(?<= href="#)place-[^"]*|(?<=/cdn-cgi/l/email-protection#)[0-9a-fA-F]+'
)
#: Empty elements take no room; a paragraph with a non-breaking space does.
_EMPTY = re.compile(
    rb"<(p|div|span|em|strong|b|i|u|s|small|sub|sup|section|article)(?: [^>]*)?>\x00*</\1>"
)
# Nested elements.
_MOST_EMPTY = 16
_SOFT_HYPHEN = b"\xc2\xad"
# U+00A0 and U+3000 are the author's, and stay.
_SPACES = (b"\t", b"\n", b"\r", b"\x0c")
# Around a block's tag; no text contains one.
_EDGE = b"\x00"
_PREFORMATTED = re.compile(rb"pre\b|.*\bpre-wrap\b")


def fingerprint(*parts: str) -> str:
    """32 hex digits over sanitised texts, in order; equal when a reader sees no difference.

    Ignored: white space between blocks and its amount elsewhere (except in `<pre>`), empty
    elements, invisible characters, ids inside the text, and the query of an image's URL, which is
    often a token that expires. Sanitised text has no attribute order, entities or random classes to
    ignore.

    >>> fingerprint("<p>One</p>", "<p>two</p>") == fingerprint("<p>One</p>\\n\\n", "<p> two</p>")
    True
    >>> fingerprint("<p>One</p>", "") == fingerprint("", "<p>One</p>")
    False
    """
    return fingerprint_of(*(cut(without_marks(part)) for part in parts))


def fingerprint_of(*parts: Pieces) -> str:
    """The fingerprint of texts that are cut at their tags and contain no invisible characters."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = _normalised(part)
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _normalised(pieces: Pieces) -> bytes:
    data = joined(pieces, _told)
    has_hyphens = not data.isascii() and _SOFT_HYPHEN in data
    keeps_spaces = any(map(_PREFORMATTED.match, set(pieces[1::2])))
    if not keeps_spaces:
        for space in _SPACES:
            data = data.replace(space, b" ")
        while b"  " in data:
            data = data.replace(b"  ", b" ")
    if has_hyphens:
        data = data.replace(_SOFT_HYPHEN, b"")
    trim = _less_one_space if keeps_spaces or has_hyphens else bytes.strip
    data = _trimmed(data, trim)
    for _ in range(_MOST_EMPTY):
        data, count = _EMPTY.subn(b"", data)
        if not count:
            break
        data = _trimmed(data, trim)
    return data.replace(_EDGE, b"").strip(b" ")


def _told(tag: bytes) -> bytes:
    """The visible part of a tag, marked where white space next to it is not visible."""
    told = b"<%b>" % tag
    if b"=" in tag:
        told = _IMAGE_QUERY.sub(rb"\1", _REL.sub(b"", _PLACE.sub(b"", told)))
    return _EDGE + told + _EDGE if is_block(tag) else told


def _trimmed(data: bytes, trim: Callable[[bytes], bytes]) -> bytes:
    return _EDGE.join(map(trim, data.split(_EDGE)))


def _less_one_space(text: bytes) -> bytes:
    return text.removeprefix(b" ").removesuffix(b" ")
