"""CSS declarations: of an inline style, or between the braces of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import tinycss2

_NEEDS_TOKENIZER = re.compile(r"[\\\"'(]|/\*")


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """The names and values of declarations in lower case; of several for one name, the effective
    one comes last.

    >>> list(declarations("Color: RED !important; color: blue; top: 1px"))
    [('color', 'blue'), ('top', '1px'), ('color', 'red')]
    """
    important: list[tuple[str, str]] = []
    for name, value, is_important in _read(style):
        if is_important:
            important.append((name, value))
        else:
            yield name, value
    yield from important


def _read(style: str) -> Iterator[tuple[str, str, bool]]:
    """The tokenizer is used only for text that needs it, because it is 50 times slower."""
    if not _NEEDS_TOKENIZER.search(style):
        for declaration in style.lower().split(";"):
            name, _, value = declaration.partition(":")
            value, mark, _ = value.partition("!")
            yield name.strip(), value.strip(), bool(mark)
        return
    for node in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":
            tokens = [token for token in node.value if token.type != "comment"]
            # A thousand nested brackets mean nothing.
            with suppress(RecursionError):
                value = tinycss2.serialize(tokens).strip().lower()
                yield node.lower_name, value, bool(node.important)
