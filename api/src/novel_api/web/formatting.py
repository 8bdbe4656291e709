"""Filters of templates: numbers, times and states for people."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import humanize

from novel_core.cli.titles import numbered
from novel_core.plurals import several, share

#: Number of drawn covers in the style sheet.
_COVER_STYLES = 6
_STATES = {
    "queued": "Waiting",
    "crawling": "Fetching",
    "parsing": "Reading",
    "saving": "Saving",
    "done": "Done",
    "error": "Failed",
}
_SOURCES = {
    "loaded": "Ready",
    "disabled": "Switched off",
    "failed": "Broken",
    "incompatible": "Made for another version",
    "duplicate": "Installed twice",
}


def number(value: float) -> str:
    """
    >>> number(240000), number(4.5)
    ('240,000', '4.5')
    """
    return f"{value:,}"


def ago(moment: datetime) -> str:
    """Return a relative time: "2 days ago", "an hour from now"."""
    return humanize.naturaltime(moment, when=datetime.now(UTC))


def day(moment: date) -> str:
    """
    >>> day(datetime(2026, 1, 3, tzinfo=UTC))
    '3 January 2026'
    """
    return f"{moment.day} {moment:%B %Y}"


def moment(value: datetime) -> str:
    """
    >>> moment(datetime(2026, 1, 3, 4, 5, tzinfo=UTC))
    '3 January 2026, 04:05 UTC'
    """
    return f"{day(value.astimezone(UTC))}, {value.astimezone(UTC):%H:%M} UTC"


def clock(value: datetime) -> str:
    """
    >>> clock(datetime(2026, 1, 3, 4, 5, 6, tzinfo=UTC))
    '04:05:06 UTC'
    """
    return f"{value.astimezone(UTC):%H:%M:%S} UTC"


def state(status: str) -> str:
    return _STATES.get(status, status)


def source_state(status: str) -> str:
    return _SOURCES.get(status, status)


def percent(part: int, whole: int) -> int:
    """Return the whole percent, rounded down: 100 means complete.

    >>> percent(199, 200), percent(3, 3), percent(0, 0)
    (99, 100, 0)
    """
    return min(100, part * 100 // whole) if whole else 0


def cover_style(title: str) -> int:
    """Return the drawn cover for a title without a picture: always the same one.

    >>> cover_style("A Tale") == cover_style("A Tale")
    True
    """
    return zlib.crc32(title.encode("utf-8", "replace")) % _COVER_STYLES + 1


FILTERS: dict[str, Callable[..., Any]] = {
    "cover_style": cover_style,
    "number": number,
    "numbered": numbered,
    "several": several,
    "share": share,
    "duration": humanize.naturaldelta,
    "ago": ago,
    "clock": clock,
    "day": day,
    "moment": moment,
    "state": state,
    "source_state": source_state,
}
