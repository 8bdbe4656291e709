"""What a job could not get, and why: a row each."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobFailureRow
from novel_core.errors import NovelError
from novel_core.jobs import events
from novel_core.page import Follow

#: A longer one fits no index of the database, and belongs to no page.
MAX_URL_BYTES = 2048


def write_failure(opened: Session, job_id: int, follow: Follow, error: NovelError) -> None:
    values = {
        "kind": follow.kind,
        "chapter_ids": list(follow.chapters),
        "part": follow.part,
        "code": error.code,
        "message": events.storable(error.message),
        "at": datetime.now(UTC),
    }
    opened.execute(
        insert(JobFailureRow)
        .values(job_id=job_id, url=_kept(follow.url), **values)
        .on_conflict_do_update(index_elements=["job_id", "url"], set_=values)
    )


def _kept(url: str) -> str:
    return url.encode()[:MAX_URL_BYTES].decode(errors="ignore")
