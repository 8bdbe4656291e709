"""The order of the waiting jobs of a rate group: `turn_at`, the earliest first.

That is when the job was submitted, less a head start for a person's request and for an update. So
people go before schedules and updates before first crawls, but nothing waits behind those that
come later than its head start.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func

from novel_core.db.jobs import JobRow

#: Seconds by which a person's request goes before that of a schedule.
PERSON = 6 * 3600.0
#: Seconds by which an update goes before a first crawl: it takes a few requests.
UPDATE = 3600.0


def head_start(*, scheduled: bool) -> float:
    """The head start of a request, in seconds, without that of an update."""
    return 0.0 if scheduled else PERSON


def turn_from_now(*, scheduled: bool) -> ColumnElement[datetime]:
    """The turn of a saved job that is asked for now."""
    seconds: Any = head_start(scheduled=scheduled) + case(
        (JobRow.novel_id.is_(None), 0), else_=UPDATE
    )
    return func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
