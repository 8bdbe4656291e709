"""Escaping: words in which nothing is markup."""

from __future__ import annotations

import re

from novel_core.export.links import web_address

#: `_` within a word, and `&` or `<` that begin no entity or tag, need no escape.
#: Each alternative begins with its own character, so the regex passes over other text quickly.
_SPECIAL = re.compile(
    r"\\|`|\*|\[|\]|\||~|_(?:(?<![^\W_]_)|(?![^\W_]))|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$)"
)
#: Each of them begins with one of these.
SIGNS = "\\`*[]|~_<&"
#: Starts of a line that make it a block: a heading, a list, a quote, or the underline of a heading
#: or a table's head.
_BLOCK = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=:](?=[-=:\s]*$)")
_NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING = re.compile(r"(?<!#)(#+)$")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")


def signs_of(html: str) -> str:
    """The `SIGNS` that may occur in the text of saved HTML; often there are none."""
    return "".join(sign for sign in SIGNS if (sign if sign != "<" else "&") in html)


def escaped(words: str, signs: str = SIGNS) -> str:
    """`words` within a line. They have no other than these `signs`."""
    for sign in signs:
        if sign in words:
            return _SPECIAL.sub(r"\\\g<0>", words)
    return words


def escaped_line(words: str) -> str:
    """`words` as a whole line of a paragraph or a heading.

    >>> print(escaped_line("1. *One* #"))
    1\\. \\*One\\* \\#
    """
    return heading(guarded(escaped(words)))


def guarded(line: str) -> str:
    """A line of a paragraph (its words are escaped) that begins no block."""
    if _BLOCK.match(line):
        return f"\\{line}"
    number = _NUMBER.match(line)
    return f"{number[1]}\\{line[number.end() :]}" if number else line


def heading(line: str) -> str:
    """A heading's line; a `#` at its end is kept."""
    return _CLOSING.sub(r"\\\1", line) if line.endswith("#") else line


def target(url: str, title: str = "") -> str | None:
    """The URL for the round brackets of a link or a picture; None for one that cannot be used."""
    address = web_address(url)
    if address is None:
        return None
    address = _ENTITY.sub("&amp;", address.replace("(", "\\(").replace(")", "\\)"))
    words = escaped(" ".join(title.split())).replace('"', '\\"')
    return f'{address} "{words}"' if words else address
