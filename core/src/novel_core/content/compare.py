"""Whether two saved texts say the same: a fingerprint of what a reader would notice."""

from __future__ import annotations

import hashlib
import re

from novel_core.content.marks import without_marks

_IMAGE_QUERY = re.compile(rb'(<img [^<>]*?src="[^"?#<>]*)[?#][^"]*')
_REL = re.compile(rb' rel="[^"]*"')
#: The names of places inside a text, and the codes of protected e-mail addresses: nobody sees either.
_PLACE = re.compile(
    rb' id="place-[^"]*"|(?<= href="#)place-[^"]*|(?<=/cdn-cgi/l/email-protection#)[0-9a-fA-F]+'
)
#: What holds nothing takes no room; a paragraph with a space that does not break does.
_EMPTY = re.compile(
    rb"<(p|div|span|em|strong|b|i|u|s|small|sub|sup|section|article)(?: [^>]*)?></\1>"
)
_MOST_EMPTY = 16  # elements in each other
_SOFT_HYPHEN = b"\xc2\xad"
BLOCK = (
    rb"(?:p|div|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col"
    rb"|blockquote|pre|figure|figcaption|details|summary|section|article|aside|header|footer|main|nav|address)"
)
_AFTER_BLOCK = re.compile(rb"(</?" + BLOCK + rb"(?: [^>]*)?>) ")
_BEFORE_BLOCK = re.compile(rb" (?=</?" + BLOCK + rb"[ >])")
_TO_SPACES = bytes.maketrans(b"\t\n\r\x0c", b"    ")


def fingerprint(*parts: str) -> str:
    """32 hex digits over sanitised texts, in order: equal when nothing a reader sees has changed.

    Not seen: white space between blocks and its amount elsewhere (but in `<pre>`), elements that hold nothing, characters without
    a sign of their own, the names of places inside the text, and what follows `?` in the address of an image, often a token
    that expires. Attribute order, entities and random classes are gone from sanitised text.

    >>> fingerprint("<p>One</p><p>two</p>") == fingerprint("<p>One</p>\\n\\n<p> two</p>")
    True
    >>> fingerprint("<p>One</p>", "") == fingerprint("", "<p>One</p>")
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = _normalised(without_marks(part).encode("utf-8", "replace"))
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _normalised(data: bytes) -> bytes:
    has_hyphens = not data.isascii() and _SOFT_HYPHEN in data
    if b"<pre" not in data and b"pre-wrap" not in data:
        # Twice as fast as split and join; and U+00A0 and U+3000, which are the author's, stay.
        data = data.translate(_TO_SPACES)
        while b"  " in data:
            data = data.replace(b"  ", b" ")
        if not has_hyphens:  # what is to be taken away most often, faster than by an expression
            data = data.replace(b"</p> <p>", b"</p><p>")
    if has_hyphens:
        data = data.replace(_SOFT_HYPHEN, b"")
    data = _without_space(data)
    if b"></" in data:
        data = _without_empty(data)
    has_attributes = b'="' in data
    if b"#" in data or (has_attributes and b' id="' in data):
        data = _PLACE.sub(b"", data)
    if not has_attributes:
        return data
    if b"<img" in data:
        data = _IMAGE_QUERY.sub(rb"\1", data)
    return _REL.sub(b"", data) if b" rel=" in data else data


def _without_space(data: bytes) -> bytes:
    return _BEFORE_BLOCK.sub(b"", _AFTER_BLOCK.sub(rb"\1", data)).strip(b" ")


def _without_empty(data: bytes) -> bytes:
    for _ in range(_MOST_EMPTY):
        data, count = _EMPTY.subn(b"", data)
        if not count:
            break
        data = _without_space(data)
    return data
