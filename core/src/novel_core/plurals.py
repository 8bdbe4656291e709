"""Counts in sentences: a number with its noun in the singular or the plural."""

from __future__ import annotations

from collections.abc import Sequence


def several(count: int, one: str, many: str = "") -> str:
    """A count and its noun.

    >>> several(1, "chapter"), several(1200, "chapter"), several(2, "entry", "entries")
    ('1 chapter', '1,200 chapters', '2 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(part: int, whole: int, one: str) -> str:
    """A part of a count.

    >>> share(3, 12, "page"), share(1, 1, "page")
    ('3 of 12 pages', '1 of 1 page')
    """
    return f"{part:,} of {several(whole, one)}"


def enumerated(names: Sequence[str], most: int = 10) -> str:
    """The names in one line, and how many more there are.

    >>> enumerated(["1", "2", "3"], most=2)
    '1, 2 and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
