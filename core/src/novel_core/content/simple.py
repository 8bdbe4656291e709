"""Simple texts, mostly paragraphs with emphasis, which every parser reads as written."""

from __future__ import annotations

import re

from novel_core.content.pieces import Pieces, at_brackets, joined

_INLINE = ("em", "strong", "b", "i", "u", "s", "small", "sub", "sup", "code")
#: None of these stands in another.
_LINES = ("p", "h1", "h2", "h3", "h4", "h5", "h6")
_AROUND = ("blockquote", "div", "section")
_LEVELS = 8

#: Each tag as one character.
_CODES = {
    tag.encode(): chr(0x100 + number)
    for number, tag in enumerate(
        ["br", "hr", *(end + name for name in _INLINE + _LINES + _AROUND for end in ("", "/"))]
    )
}
_BREAK, _RULE = _CODES[b"br"], _CODES[b"hr"]
#: References that a parser would write differently.
_REFERENCE = re.compile("&(?!(?:amp|lt|gt|nbsp);)")


def _pairs(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_CODES[name.encode()] + _CODES[b"/" + name.encode()] for name in names)


_INLINE_PAIRS, _LINE_PAIRS, _AROUND_PAIRS = map(_pairs, (_INLINE, _LINES, _AROUND))


def simple_pieces(html: str) -> Pieces | None:
    """The pieces of `html` if it has only well-nested elements of few kinds without attributes, and
    nothing that a parser changes; else None.

    >>> [simple_pieces(one) for one in ("A <em>b</em>", "<p>A <em>b</p></em>", "<p id='a'>A</p>")]
    [[b'A ', b'em', b'b', b'/em', b''], None, None]
    """
    data = html.encode("utf-8", "replace")
    pieces = at_brackets(data)
    try:
        codes = "".join(map(_CODES.__getitem__, pieces[1::2]))
    except KeyError:
        return None
    if "\r" in html or ("&" in html and _REFERENCE.search(html)) or not _is_nested(codes):
        return None
    # Equal only if all brackets are those of tags.
    return pieces if joined(pieces, lambda tag: b"<%b>" % tag) == data else None


def _is_nested(codes: str) -> bool:
    codes = _without(_INLINE_PAIRS, codes.replace(_BREAK, ""))
    for pair in _LINE_PAIRS:
        # Not allowed within a line either.
        codes = codes.replace(pair, _RULE)
    return not _without(_AROUND_PAIRS, codes.replace(_RULE, ""))


def _without(pairs: tuple[str, ...], codes: str) -> str:
    """The text without its empty elements, from the inside out."""
    for _ in range(_LEVELS):
        before = codes
        for pair in pairs:
            codes = codes.replace(pair, "")
        if codes == before:
            break
    return codes
