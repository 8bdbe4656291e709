"""Escaping: words in which nothing is markup."""

from __future__ import annotations

import re

from novel_core.export.links import web_address

#: `_` within a word, and `&` or `<` that begin no entity or tag, need no escape.
#: Each alternative begins with its own character, so the regex passes over other text quickly.
_SPECIAL = re.compile(
    r"\\|`|\*|\[|\]|\||~|_(?:(?<![^\W_]_)|(?![^\W_]))|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$)"
)
#: Starts of a line that make it a block: a heading, a list, a quote, or the underline of a heading
#: or a table's head.
_BLOCK = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=:](?=[-=:\s]*$)")
_NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING = re.compile(r"(?<!#)(#+)$")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")


def escaped(words: str) -> str:
    """`words` within a line."""
    return _SPECIAL.sub(r"\\\g<0>", words) if _SPECIAL.search(words) else words


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
