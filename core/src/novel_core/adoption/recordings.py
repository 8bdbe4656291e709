"""Recordings of a site: the pages that its proof saw, in the database, so that all machines have them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from novel_core.adoption.report import Report
from novel_core.archive.pages import pack, unpack
from novel_core.db.adoptions import AdoptionPageRow, AdoptionRow
from novel_core.page import Page
from novel_core.recording import Recording, as_recorded, name_of, outcome_of
from novel_core.recording.files import as_described, describe
from novel_core.registry import LoadedSource
from novel_core.source import UrlMatch
from novel_core.steps import limited


def record(source: LoadedSource, pages: Sequence[Page], match: UrlMatch) -> list[Recording]:
    """The pages with what today's parser reads of them, each under a name of its own."""
    recordings: dict[str, Recording] = {}
    for seen in pages:
        page = as_recorded(seen)
        name = name_of(page, match)
        while name in recordings:
            name += "-again"
        expected = limited("Recording", page.address, lambda page=page: outcome_of(source, page))  # type: ignore[misc]
        recordings[name] = Recording(name, source.name, page, expected)
    return list(recordings.values())


def save_proof(
    opened: Session, job_id: int, report: Report, recordings: Sequence[Recording]
) -> None:
    """Keep the report of a job's proof, and its pages in place of those of an earlier attempt."""
    told = {"report": report.model_dump(mode="json")}
    opened.execute(
        insert(AdoptionRow)
        .values(job_id=job_id, **told)
        .on_conflict_do_update(index_elements=["job_id"], set_=told)
    )
    opened.execute(delete(AdoptionPageRow).where(AdoptionPageRow.job_id == job_id))
    rows = [_row(job_id, number, one) for number, one in enumerate(recordings)]
    if rows:
        opened.execute(insert(AdoptionPageRow), rows)


def load_recordings(opened: Session, job_id: int, site: str) -> list[Recording]:
    """The recordings of a job's proof, in the order in which the pages were fetched."""
    rows = opened.scalars(
        select(AdoptionPageRow)
        .options(undefer(AdoptionPageRow.body))
        .where(AdoptionPageRow.job_id == job_id)
        .order_by(AdoptionPageRow.number)
    )
    return [
        Recording(
            row.name,
            site,
            as_described(row.page, unpack(row.codec, row.body, row.size)),
            row.expected,
        )
        for row in rows
    ]


def _row(job_id: int, number: int, recording: Recording) -> dict[str, object]:
    page = recording.page
    codec, body = pack(page.body, page.kind)
    return {
        "job_id": job_id,
        "number": number,
        "name": recording.name,
        "page": describe(page),
        "codec": codec,
        "size": len(page.body),
        "body": body,
        "expected": recording.expected,
    }
