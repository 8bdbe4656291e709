"""The order of a novel's chapters: the site's list, and what the library has beside it."""

from __future__ import annotations

from collections.abc import Sequence


def merge(listed: Sequence[str], known: Sequence[str]) -> list[str]:
    """The site's list as it is now, with each removed chapter after the one it followed before.

    So numbers do not shift when chapters are removed.

    >>> merge(["1", "3", "4"], ["1", "2", "3"])
    ['1', '2', '3', '4']
    >>> merge([], ["1", "2"])
    ['1', '2']
    """
    present = set(listed)
    followers: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for chapter in known:
        if chapter in present:
            anchor = chapter
        else:
            followers.setdefault(anchor, []).append(chapter)
    order = list(followers.get(None, ()))
    for chapter in listed:
        order.append(chapter)
        order.extend(followers.get(chapter, ()))
    return order


def merge_partial(listed: Sequence[str], known: Sequence[str]) -> list[str]:
    """The known chapters in their order, with those that only a part of the list shows.

    A new chapter stands before the known one that the part shows after it, else at the end.

    >>> merge_partial(["3", "4"], ["1", "2", "3"])
    ['1', '2', '3', '4']
    >>> merge_partial(["1", "new", "3", "4"], ["1", "2", "3"])
    ['1', '2', 'new', '3', '4']
    """
    places = {chapter: place for place, chapter in enumerate(known)}
    before: dict[int, list[str]] = {}
    new: list[str] = []
    last = -1
    for chapter in listed:
        place = places.get(chapter)
        if place is None:
            new.append(chapter)
            continue
        # In a part that is not in the order of reading, nothing follows from what comes next.
        before.setdefault(place if place > last else len(known), []).extend(new)
        new, last = [], place
    order: list[str] = []
    for place, chapter in enumerate(known):
        order += [*before.get(place, ()), chapter]
    return [*order, *before.get(len(known), ()), *new]
