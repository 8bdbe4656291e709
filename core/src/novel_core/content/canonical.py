"""Whether HTML is in the form in which texts are saved, decided by a regular expression, without a
parser.

Such HTML is safe with every parser: all tags are of the closed set, with attributes of the closed
set, whose URLs have a harmless scheme; none of them changes how a parser reads what follows (no
`style`, `svg`, `math`, `noscript`, comment); and every other `<` or `&` is escaped. nh3 would
change nothing, so it is not called.
"""

from __future__ import annotations

import re
from functools import cache

from novel_core.content.rules import (
    CLASSES,
    ID_PREFIX,
    KEPT_ATTRIBUTES,
    LINK_REL,
    TAGS,
    VOID_TAGS,
)

_CONTROLS = r"\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff"
_TEXT = rf"[^<>&\xa0{_CONTROLS}]++|&(?:amp|lt|gt|nbsp);"
_VALUE = rf"(?:[^\"<>&\xa0{_CONTROLS}]++|&(?:amp|lt|gt|quot|nbsp);)*+"
_CLASS = "|".join(sorted(CLASSES, key=len, reverse=True))
_SPECIAL = {
    "class": rf"(?:{_CLASS})(?: (?:{_CLASS}))*+",
    "id": rf"{ID_PREFIX}[\w.-]++",
    "href": rf"(?:https?://|mailto:|#{ID_PREFIX}){_VALUE}",
    "src": rf"https?://{_VALUE}",
    "cite": rf"https?://{_VALUE}",
}


def _attributes(tag: str) -> str:
    names = {"class"} | KEPT_ATTRIBUTES["*"] | KEPT_ATTRIBUTES.get(tag, set())
    one = "|".join(rf'{name}="{_SPECIAL.get(name, _VALUE)}"' for name in sorted(names))
    return f"(?: (?:{one}))*+" + (f' rel="{LINK_REL}"' if tag == "a" else "")


def _tags() -> str:
    plain = TAGS - KEPT_ATTRIBUTES.keys()
    groups = [f"(?:{'|'.join(sorted(plain))}){_attributes('')}"]
    groups += [f"{tag}{_attributes(tag)}" for tag in sorted(TAGS & KEPT_ATTRIBUTES.keys())]
    ends = "|".join(sorted(TAGS - VOID_TAGS))
    return f"</(?:{ends})>|<(?:{'|'.join(groups)})>"


@cache
def _canonical() -> re.Pattern[str]:
    # When the first text needs it, because compiling it takes a tenth of a second.
    return re.compile(f"(?:{_TEXT}|{_tags()})*+")


@cache
def _canonical_tags() -> re.Pattern[str]:
    return re.compile(f"(?:{_tags()})*+")


_CONTROL = re.compile(f"[{_CONTROLS}]")
_ASCII_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09, 0x0A})


def is_canonical(html: str) -> bool:
    """Whether nh3 would remove nothing.

    >>> is_canonical('<p class="bold">One &amp; <em>two</em></p>'), is_canonical("<p onclick=''>")
    (True, False)
    """
    return _canonical().fullmatch(html) is not None


def is_canonical_markup(html: str, tags: str) -> bool:
    """Whether `html`, as a parser has serialised it, is canonical: in its text every `<` and `&` is
    escaped.

    Each of its distinct `tags` is checked once; a `<` that is not such a tag is found too.

    >>> is_canonical_markup("<p>One &amp; two</p>", "<p></p>"), is_canonical_markup("<p>One</p><script>", "<p><script></p>")
    (True, False)
    """
    if _canonical_tags().fullmatch(tags) is None:
        return False
    if html.isascii():
        data = html.encode()
        return len(data.translate(None, _ASCII_CONTROLS)) == len(data)
    return _CONTROL.search(html) is None
