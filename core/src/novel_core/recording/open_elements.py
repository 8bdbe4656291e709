"""The elements that are open where a text of a page stands."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple


class Place(NamedTuple):
    """An open element."""

    tag: str
    is_quote: bool


class OpenElements:
    """The elements that are open at a place of a page, however deep."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._counts: Counter[str] = Counter()

    @property
    def last(self) -> Place:
        return self._places[-1] if self._places else Place("", is_quote=False)

    def open(self, tag: str, *, is_quote: bool) -> None:
        self._places.append(Place(tag, is_quote or self.last.is_quote))
        self._counts[tag] += 1

    def close(self, tag: str) -> None:
        """Close the nearest open element of that name, with what was left open inside it."""
        while self._counts[tag]:
            closed = self._places.pop().tag
            self._counts[closed] -= 1
            if closed == tag:
                break
