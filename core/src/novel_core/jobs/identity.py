"""Which novel a job is about: found in the library, or told by the page a job was given."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow
from novel_core.jobs import events, lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import JobState


def active_job(session: Session, source: str, source_novel_id: str) -> int | None:
    """The job that is not terminal for this novel."""
    return session.scalar(
        select(JobRow.id).where(
            JobRow.source == source,
            JobRow.source_novel_id == source_novel_id,
            JobRow.status.not_in([JobState.DONE, JobState.ERROR]),
        )
    )


def find_novel(session: Session, source: str, source_novel_id: str) -> int | None:
    """The library's id of a source's novel."""
    return session.scalar(
        select(NovelRow.id).where(
            NovelRow.source == source, NovelRow.source_novel_id == source_novel_id
        )
    )


def adopt(session: Session, claim: Claim, match: UrlMatch) -> Claim | None:
    """Give a provisional job the identity its page told; None when another active job already has it, which this one joins."""
    assert match.novel_id is not None
    library_id = find_novel(session, claim.source, match.novel_id)
    try:
        with session.begin_nested():
            lifecycle.change(
                session,
                claim,
                {
                    "source_novel_id": match.novel_id,
                    "novel_id": library_id,
                    "url": match.url,
                    "kind": UrlKind.NOVEL,
                },
            )
    except IntegrityError:
        other = active_job(session, claim.source, match.novel_id)
        if other is None:  # it ended between the two statements: the identity is free now
            return adopt(session, claim, match)
        lifecycle.enter(
            session,
            claim,
            JobState.DONE,
            f"joined job {other}, which ingests the same novel",
            joined_job_id=other,
        )
        # The other job fetches the page by itself: a copy without a novel would outlive a removal.
        session.execute(delete(PageRow).where(PageRow.job_id == claim.job_id))
        return None
    events.record(session, claim.job_id, "note", f"belongs to novel {match.novel_id}")
    return replace(
        claim,
        source_novel_id=match.novel_id,
        novel_id=library_id,
        url=match.url,
        kind=UrlKind.NOVEL,
    )
