"""The position of a chapter in the list."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from novel_royalroad_lookalike.model import FictionModel, LookalikeChapter


class Place(NamedTuple):
    """A chapter with its fiction and its neighbours. An unlisted chapter has none."""

    fiction: FictionModel
    chapter: LookalikeChapter
    previous: LookalikeChapter | None = None
    following: LookalikeChapter | None = None


def place_of(fiction: FictionModel, chapter: LookalikeChapter) -> Place:
    listed, positions = _order(fiction, fiction.revision)
    at = positions.get(chapter.id)
    if at is None:
        return Place(fiction, chapter)
    previous = listed[at - 1] if at else None
    following = listed[at + 1] if at + 1 < len(listed) else None
    return Place(fiction, chapter, previous, following)


@lru_cache(maxsize=32)
def _order(fiction: FictionModel, _revision: int) -> tuple[list[LookalikeChapter], dict[int, int]]:
    listed = fiction.listed
    return listed, {chapter.id: position for position, chapter in enumerate(listed)}
