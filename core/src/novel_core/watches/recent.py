"""What a site's list of recent changes says of its watched novels that are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.service import RecentListRow, WatchRow
from novel_core.states import RECENT, TERMINAL, JobState

#: Fewer due novels of one site are cheaper to update each by itself.
FEWEST = 2
#: How long a list says what has changed; after a failure nobody asks for so long.
FRESH = timedelta(hours=1)
#: A novel is updated at least so often, whatever the list says: it may lack edits and removals.
LONGEST = timedelta(days=7)
#: The clock of a site may differ from ours by so much.
SLACK = timedelta(hours=1)


class Advice(Enum):
    """UPDATE the novel, or it is UNCHANGED; ASK for the list, or WAIT for it."""

    UPDATE = auto()
    UNCHANGED = auto()
    ASK = auto()
    WAIT = auto()


@dataclass(frozen=True, slots=True)
class RecentList:
    """The list of one source at one moment.

    `changes` are the times of the last changes by novel, all of those since `reaches_back_to`. Both
    are None where there is no fresh list. `job` is the state of the last job that asked for it, if
    that is recent; `due` how many novels of the source are due.
    """

    now: datetime
    due: int
    changes: dict[str, datetime] | None = None
    reaches_back_to: datetime | None = None
    job: JobState | None = None

    def advice(self, novel_id: str, checked_at: datetime | None) -> Advice:
        """What to do about the novel with this id at the source, last updated at `checked_at`."""
        if checked_at is None or self.now - checked_at > LONGEST:
            return Advice.UPDATE
        if self.changes is not None and self.reaches_back_to is not None:
            since = checked_at - SLACK
            changed_at = self.changes.get(novel_id)
            if changed_at is not None:
                return Advice.UPDATE if changed_at > since else Advice.UNCHANGED
            return Advice.UNCHANGED if self.reaches_back_to <= since else Advice.UPDATE
        if self.job is JobState.ERROR or self.due < FEWEST:
            return Advice.UPDATE
        return Advice.WAIT if self.job not in {None, *TERMINAL} else Advice.ASK


def load_recent_list(session: Session, source: str) -> RecentList:
    """Return what is known of the source's list of recent changes."""
    now = session.scalars(select(func.now())).one()
    due = session.scalars(
        select(func.count())
        .select_from(WatchRow)
        .join(NovelRow, NovelRow.id == WatchRow.novel_id)
        .where(NovelRow.source == source, WatchRow.due_at <= func.now())
    ).one()
    job = session.scalar(
        select(JobRow.status)
        .where(
            JobRow.source == source,
            JobRow.kind == RECENT,
            JobRow.status.not_in(list(TERMINAL)) | (JobRow.finished_at > now - FRESH),
        )
        .order_by(JobRow.id.desc())
        .limit(1)
    )
    state = JobState(job) if job is not None else None
    row = session.get(RecentListRow, source)
    if row is None or row.read_at <= now - FRESH:
        return RecentList(now, due, job=state)
    changes = {novel: datetime.fromisoformat(moment) for novel, moment in row.changes.items()}
    return RecentList(now, due, changes, row.reaches_back_to, state)
