"""The selection of chapters that a book holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from novel_core.errors import NothingToExport, UsageError

_RANGE = re.compile(r"\s*+(\d{1,9})?\s*+(-)?\s*+(\d{1,9})?\s*+")


@dataclass(frozen=True, slots=True)
class Selection:
    """Chapters `first` to `last` by number, both included; `volume` limits them to one, by its
    title or its place from 1.

    >>> Selection.parse("3-"), Selection.parse("7", volume="Winter")
    (Selection(first=3, last=None, volume=None), Selection(first=7, last=7, volume='Winter'))
    """

    first: int | None = None
    last: int | None = None
    volume: str | None = None

    @classmethod
    def parse(cls, chapters: str | None = None, *, volume: str | None = None) -> Selection:
        """Parse `12`, `1-50`, `51-` or `-50`."""
        if chapters is None:
            return cls(volume=volume)
        match = _RANGE.fullmatch(chapters)
        if match is None or not (match[1] or match[3]):
            raise UsageError(
                f"{chapters[:40]!r} is not a range of chapters.",
                hint="Write it as 1-50, 51-, -50 or 12.",
            )
        first = int(match[1]) if match[1] else None
        last = int(match[3]) if match[3] else (None if match[2] else first)
        if first is not None and last is not None and first > last:
            raise UsageError(
                f"The range {chapters.strip()} ends before it begins.", hint="Turn it round."
            )
        return cls(first, last, volume)

    @property
    def is_whole(self) -> bool:
        return self == Selection()

    @property
    def range(self) -> str | None:
        """The range in words, or None if it has no limit.

        >>> Selection(1, 50).range, Selection(51).range, Selection(7, 7).range
        ('chapters 1 to 50', 'chapters from 51', 'chapter 7')
        """
        if self.first is None and self.last is None:
            return None
        if self.first == self.last:
            return f"chapter {self.first}"
        if self.last is None:
            return f"chapters from {self.first}"
        return f"chapters {self.first or 1} to {self.last}"

    def holds(self, number: int) -> bool:
        return (self.first is None or number >= self.first) and (
            self.last is None or number <= self.last
        )


def find_volume(wanted: str, titles: Sequence[str]) -> int:
    """The index of a volume by title, place from 1, or a unique part of its title."""
    folded = [" ".join(title.split()).casefold() for title in titles]
    words = " ".join(wanted.split()).casefold()
    if words in folded:
        return folded.index(words)
    if words.isdecimal() and 1 <= int(words[:9]) <= len(titles):
        return int(words) - 1
    near = [place for place, title in enumerate(folded) if words and words in title]
    if len(near) == 1:
        return near[0]
    if not titles:
        raise NothingToExport("The novel has no volumes.", hint="Leave --volume out.")
    listed = ", ".join(f"{place} {title!r}" for place, title in enumerate(titles[:20], 1))
    problem = "is the name of several volumes" if near else "is no volume of the novel"
    raise NothingToExport(f"{wanted[:80]!r} {problem}.", hint=f"Its volumes: {listed}.")
