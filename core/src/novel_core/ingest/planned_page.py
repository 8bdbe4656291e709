"""One page that a job requests or has read: all Follows of it as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from novel_core.page import Follow
from novel_core.source import PageKind

#: How often one page is read again for further chapters: a parser may name new ones without end.
_MOST_READINGS = 1_000


class PlannedPage:
    """The Follows of one page as one: the first, with the chapters and markers of all.

    It is optional only if all of them are. Another kind of the same page is left out.
    """

    def __init__(self, group: Sequence[Follow]) -> None:
        self._first = group[0]
        self._chapters: dict[str, str | None] = {}
        self._is_optional = True
        self._joined: Follow | None = None
        #: Those of the chapters that are needed.
        self.wanted: set[str] = set()
        #: The chapters for which the archived page was read; None before it is archived.
        self.read_for: frozenset[str] | None = None
        self.readings = 0
        self.add(group)

    def add(self, group: Sequence[Follow]) -> None:
        for follow in group:
            if follow.kind is not self._first.kind:
                continue
            self._is_optional = self._is_optional and follow.is_optional
            for chapter, marker in zip_longest(follow.chapters, follow.markers):
                self._chapters.setdefault(chapter, marker)
        # Made when it is asked for: thousands may be added one by one.
        self._joined = None

    @property
    def kind(self) -> PageKind:
        return self._first.kind

    @property
    def is_unread(self) -> bool:
        """Whether the archived page is to be read again, for chapters named since."""
        if self.read_for is None or self.readings > _MOST_READINGS:
            return False
        return not self.wanted <= self.read_for

    @property
    def follow(self) -> Follow:
        if self._joined is None:
            markers = tuple(self._chapters.values())
            self._joined = replace(
                self._first,
                chapters=tuple(self._chapters),
                markers=markers if any(markers) else (),
                is_optional=self._is_optional,
            )
        return self._joined


def by_key(follows: Iterable[Follow]) -> dict[str, list[Follow]]:
    """Group `follows` by page, in order; a page has the kind that its first Follow says."""
    groups: dict[str, list[Follow]] = {}
    for follow in follows:
        group = groups.setdefault(follow.key, [])
        if not group or group[0].kind is follow.kind:
            group.append(follow)
    return groups


def joined(follows: Sequence[Follow]) -> Follow:
    """One Follow for several of one page.

    >>> url = "https://example.org/all"
    >>> follows = [Follow(url, PageKind.CHAPTER, chapters=(chapter,)) for chapter in "12"]
    >>> joined(follows).chapters
    ('1', '2')
    """
    return PlannedPage(follows).follow
