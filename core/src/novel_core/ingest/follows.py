"""What several Follows of one address mean together: one request, for all the chapters they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from novel_core.page import Follow


def by_address(follows: Iterable[Follow]) -> dict[str, list[Follow]]:
    """`follows` by their addresses, in order. An address is requested as one kind of page: as the first says."""
    groups: dict[str, list[Follow]] = {}
    for follow in follows:
        group = groups.setdefault(follow.url, [])
        if not group or group[0].kind is follow.kind:
            group.append(follow)
    return groups


def joined(follows: Sequence[Follow]) -> Follow:
    """One Follow in the place of several of one address: the first, with the chapters of all of its kind.

    >>> from novel_core import PageKind
    >>> one, two = (Follow("https://example.org/all", PageKind.CHAPTER, chapters=(id,)) for id in "12")
    >>> joined([one, two]).chapters
    ('1', '2')
    """
    first = follows[0]
    same = [follow for follow in follows if follow.kind is first.kind]
    chapters = dict.fromkeys(chapter for follow in same for chapter in follow.chapters)
    return replace(first, chapters=tuple(chapters))
