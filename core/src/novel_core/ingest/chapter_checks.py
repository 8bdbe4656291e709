"""When each chapter's page was last fetched, and the validators of its response."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterCheckRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.ingest import staging
from novel_core.ingest.known_chapters import KnownChapter
from novel_core.items import Chapter
from novel_core.source import PageKind


def chapter_pages(opened: Session, job_id: int) -> list[tuple[list[str], dict[str, str], datetime]]:
    """Chapters, headers and time of the chapter pages that were fetched or "not modified"."""
    rows = opened.execute(
        select(PageRow.chapter_ids, PageRow.headers, PageRow.fetched_at).where(
            PageRow.job_id == job_id,
            PageRow.kind == PageKind.CHAPTER,
            PageRow.problem.is_(None),
        )
    )
    return [(ids, headers, fetched_at) for ids, headers, fetched_at in rows]


def write_checks(opened: Session, job_id: int, known: dict[str, KnownChapter]) -> None:
    """Write when each chapter's page was fetched, and the response's validators.

    A 304 keeps the validators of the saved copy.
    """
    # A text may stand on a page of the list, whose validators are no chapter's.
    listed = opened.execute(
        select(StagedItemRow.key, PageRow.fetched_at)
        .join(PageRow, PageRow.id == StagedItemRow.page_id)
        .where(
            StagedItemRow.job_id == job_id,
            StagedItemRow.kind == staging.KINDS[Chapter],
            PageRow.kind == PageKind.INDEX,
        )
    )
    checks: list[tuple[list[str], dict[str, str], datetime]] = [
        ([source_id], {}, fetched_at) for source_id, fetched_at in listed
    ]
    checks += chapter_pages(opened, job_id)
    rows = {
        known[source_id].id: {
            "chapter_id": known[source_id].id,
            "checked_at": fetched_at,
            "etag": headers.get("etag"),
            "last_modified": headers.get("last-modified"),
        }
        for chapter_ids, headers, fetched_at in checks
        for source_id in chapter_ids
        if source_id in known
    }
    if not rows:
        return
    statement = insert(ChapterCheckRow)
    fresh = statement.excluded
    opened.execute(
        statement.on_conflict_do_update(
            index_elements=["chapter_id"],
            set_={
                "checked_at": fresh.checked_at,
                "etag": func.coalesce(fresh.etag, ChapterCheckRow.etag),
                "last_modified": func.coalesce(fresh.last_modified, ChapterCheckRow.last_modified),
            },
        ),
        list(rows.values()),
    )
