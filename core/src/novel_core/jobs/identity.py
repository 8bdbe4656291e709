"""Which novel a job is about: known from its URL, or found in the first page it fetches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import novel_id_of
from novel_core.db.pages import PageRow
from novel_core.jobs import events, lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import TERMINAL, JobState

#: The pages that are asked for the novel of a page, after the page itself.
MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that has not ended."""

    id: int
    status: JobState


def is_about(source: str, source_novel_id: str | None, url: str = "") -> ColumnElement[bool]:
    """The condition that a job is about this novel, or has this URL where no id is known."""
    same = (
        JobRow.url == url if source_novel_id is None else JobRow.source_novel_id == source_novel_id
    )
    return (JobRow.source == source) & same


def find_open(
    session: Session, source: str, source_novel_id: str | None, url: str = ""
) -> OpenJob | None:
    """Return the open job of a novel, or where its id is not known, the open job of `url`."""
    query = select(JobRow.id, JobRow.status).where(
        is_about(source, source_novel_id, url), JobRow.status.not_in(list(TERMINAL))
    )
    if source_novel_id is None:
        query = query.where(JobRow.source_novel_id.is_(None))
    found = session.execute(query).first()
    return OpenJob(found.id, JobState(found.status)) if found else None


def adopt(session: Session, claim: Claim, match: UrlMatch) -> Claim | None:
    """Give a provisional job the novel that its page belongs to.

    Where that novel has an open job already, this one joins it: None.
    """
    assert match.novel_id is not None
    library_id = novel_id_of(session, claim.source, match.novel_id)
    found: dict[str, Any] = {
        "source_novel_id": match.novel_id,
        "novel_id": library_id,
        "url": match.url,
        "kind": UrlKind.NOVEL,
    }
    try:
        with session.begin_nested():
            lifecycle.change(session, claim, found)
    except IntegrityError:
        other = find_open(session, claim.source, match.novel_id)
        if other is None:
            # It ended between the two statements.
            return adopt(session, claim, match)
        lifecycle.enter(
            session,
            claim,
            JobState.DONE,
            f"joined job {other.id}, which ingests the same novel",
            joined_job_id=other.id,
        )
        # The other job fetches the page too: a copy without a novel would outlive a removal.
        session.execute(delete(PageRow).where(PageRow.job_id == claim.job_id))
        return None
    events.record(session, claim.job_id, "note", f"belongs to novel {match.novel_id}")
    return replace(claim, **found)
