"""The counts of a job that is done: what it did with the novel's chapters."""

from __future__ import annotations

from collections.abc import Mapping

#: "unlisted": chapters that the site states and its list does not show.
COUNTS = ("total", "new", "changed", "unchanged", "locked", "removed", "failed", "unlisted")


def gaps_in(counts: Mapping[str, int]) -> int:
    """How many chapters are missing: on the list without a text, or not on the list.

    >>> gaps_in({"total": 140, "failed": 1, "unlisted": 3})
    4
    """
    return counts.get("failed", 0) + counts.get("unlisted", 0)
