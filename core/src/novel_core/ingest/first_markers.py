"""First markers: those of saved chapters that had none, as after an update of the plugin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Protocol

from novel_core.page import Follow

#: A day in any time zone has ended so long after its beginning in UTC.
_DAY = timedelta(days=2)
#: A list that marks only edited chapters marks so many of them at once hardly ever.
_SEVERAL = 3
_SECONDS = re.compile(r"[0-9]{10}(?P<milliseconds>[0-9]{3})?")


class SavedMarker(Protocol):
    """The marker of a saved text, and when its page was last fetched."""

    @property
    def marker(self) -> str | None: ...

    @property
    def checked_at(self) -> datetime | None: ...


def markers_on(follows: Iterable[Follow]) -> dict[str, str | None]:
    """The markers of the chapters that a page's Follows name."""
    found: dict[str, str | None] = {}
    for follow in follows:
        found.update(zip_longest(follow.chapters, follow.markers))
    return found


def adopted_markers(
    listed: Mapping[str, str | None], saved: Mapping[str, SavedMarker]
) -> frozenset[str]:
    """The saved chapters whose first marker is that of their saved text.

    A marker that is a time is, if the text was fetched after it. Any other is if no saved chapter
    has a marker, and the list now gives one to each of several: then the plugin reads it only now.

    >>> from types import SimpleNamespace
    >>> saved = dict.fromkeys("abc", SimpleNamespace(marker=None, checked_at=None))
    >>> sorted(adopted_markers({"a": "v1", "b": "v2", "c": "v1"}, saved))
    ['a', 'b', 'c']
    >>> sorted(adopted_markers({"a": None, "b": "v2", "c": None}, saved))
    []
    """
    first = {
        chapter: marker
        for chapter, marker in listed.items()
        if marker is not None and chapter in saved and saved[chapter].marker is None
    }
    times = {chapter: _time(marker) for chapter, marker in first.items()}
    adopted = {
        chapter
        for chapter, time in times.items()
        if time and (checked_at := saved[chapter].checked_at) and time + _DAY < checked_at
    }
    others = {chapter for chapter, time in times.items() if time is None}
    if len(others) >= _SEVERAL and _is_new(listed, saved):
        adopted |= others
    return frozenset(adopted)


def _is_new(listed: Mapping[str, str | None], saved: Mapping[str, SavedMarker]) -> bool:
    is_marked = all(marker is not None for chapter, marker in listed.items() if chapter in saved)
    return is_marked and all(one.marker is None for one in saved.values())


def _time(marker: str) -> datetime | None:
    """The time that a marker is, or None."""
    try:
        if found := _SECONDS.fullmatch(marker):
            return datetime.fromtimestamp(
                int(marker) / (1000 if found["milliseconds"] else 1), tz=UTC
            )
        time = datetime.fromisoformat(marker)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
