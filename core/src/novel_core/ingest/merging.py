"""The order of chapters when an author removes, adds and moves some. Pure functions over ids."""

from __future__ import annotations

from collections.abc import Sequence


def merge(listed: Sequence[str], known: Sequence[str]) -> list[str]:
    """The merged order: the site's list as it is now, with each vanished chapter after the one it followed before.

    So no number shifts when chapters vanish.

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
