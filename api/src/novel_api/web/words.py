"""Numbers, times and states as a person says them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from novel_core.cli.titles import numbered
from novel_core.plurals import several, share

_STEPS = (
    (60, "second"),
    (60, "minute"),
    (24, "hour"),
    (30, "day"),
    (12, "month"),
)
_A_MOMENT = 45

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


def lasting(seconds: float) -> str:
    """About how long.

    >>> lasting(5), lasting(90), lasting(7200), lasting(86400 * 3)
    ('5 seconds', '2 minutes', '2 hours', '3 days')
    """
    amount = seconds
    for size, name in _STEPS:
        if round(amount) < size:
            return several(round(amount), name)
        amount /= size
    return several(round(amount), "year")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """
    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))
    '2 days ago'
    >>> ago(datetime(2026, 1, 3, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    'in 2 days'
    """
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if abs(seconds) < _A_MOMENT:
        return "just now" if seconds >= 0 else "in a moment"
    return f"{lasting(seconds)} ago" if seconds > 0 else f"in {lasting(-seconds)}"


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
    """Whole percents, rounded down: 100 means all of it.

    >>> percent(199, 200), percent(3, 3), percent(0, 0)
    (99, 100, 0)
    """
    return min(100, part * 100 // whole) if whole else 0


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "numbered": numbered,
    "several": several,
    "share": share,
    "lasting": lasting,
    "ago": ago,
    "clock": clock,
    "day": day,
    "moment": moment,
    "state": state,
    "source_state": source_state,
}
