"""Words in which nothing is markup."""

from __future__ import annotations

import re

from novel_core.export.links import web_address

#: `_` within a word, `&` and `<` before what begins no entity and no tag mean themselves.
#: Each alternative begins with a character of its own, so the rest of a text is passed over quickly.
_SPECIAL = re.compile(
    r"\\|`|\*|\[|\]|\||~|_(?:(?<![^\W_]_)|(?![^\W_]))|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$)"
)
#: What makes a block of a line that begins with it: a heading, a list, a quote, the line below a heading or a table's head.
_BLOCK = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=:](?=[-=:\s]*$)")
_NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING = re.compile(r"(?<!#)(#+)$")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")


def escaped(words: str) -> str:
    """`words` within a line."""
    return _SPECIAL.sub(r"\\\g<0>", words) if _SPECIAL.search(words) else words


def escaped_line(words: str) -> str:
    """`words` as a whole line, of a paragraph or a heading.

    >>> print(escaped_line("1. *One* #"))
    1\\. \\*One\\* \\#
    """
    return heading(guarded(escaped(words)))


def guarded(line: str) -> str:
    """A line of a paragraph, its words escaped, that begins no block."""
    if _BLOCK.match(line):
        return f"\\{line}"
    number = _NUMBER.match(line)
    return f"{number[1]}\\{line[number.end() :]}" if number else line


def heading(line: str) -> str:
    """A line that ends in no `#`, which a heading would lose."""
    return _CLOSING.sub(r"\\\1", line) if line.endswith("#") else line


def target(url: str, title: str = "") -> str | None:
    """What stands in the round brackets of a link or a picture; None for an address that leads nowhere."""
    address = web_address(url)
    if address is None:
        return None
    address = _ENTITY.sub("&amp;", address.replace("(", "\\(").replace(")", "\\)"))
    words = escaped(" ".join(title.split())).replace('"', '\\"')
    return f'{address} "{words}"' if words else address
