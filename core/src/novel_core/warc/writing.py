"""A novel's archived pages as a WARC file: one page in memory at a time, from one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Engine, or_, select
from sqlalchemy.orm import Session

from novel_core.archive.pages import NOT_MODIFIED, load_pages
from novel_core.atomic_write import new_file
from novel_core.db.chapters import TextPageRow
from novel_core.db.engine import snapshot
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.pages import OriginRow, PageRow
from novel_core.errors import UnknownNovel
from novel_core.states import JobState
from novel_core.warc.record_writer import RecordWriter


@dataclass(frozen=True, slots=True)
class WarcCounts:
    """Pages with a response, the `images` among them, and `silent` pages without a response."""

    pages: int
    images: int
    silent: int


def write_warc_file(
    database: Engine, novel_id: int, path: Path, *, force: bool = False
) -> WarcCounts:
    """Write the file completely or not at all; compressed by record if its name ends in `.gz`."""
    with new_file(path, replace=force) as file:
        return write_warc(database, novel_id, file, compress=path.suffix == ".gz", name=path.name)


def write_warc(
    database: Engine, novel_id: int, file: BinaryIO, *, compress: bool = True, name: str = ""
) -> WarcCounts:
    """Write the novel's pages to `file`, which stays open; the file's first record has `name`."""
    with snapshot(database) as opened:
        novel = opened.get(NovelRow, novel_id)
        if novel is None:
            raise UnknownNovel(f"There is no novel {novel_id} in the library.")
        pages = opened.execute(
            select(PageRow.id, PageRow.job_id, PageRow.url)
            .where(*_of_novel(novel_id))
            .order_by(PageRow.job_id.nulls_first(), PageRow.id)
        ).all()
        jobs = sorted({page.job_id for page in pages if page.job_id is not None})
        generations = {job_id: number for number, job_id in enumerate(jobs, 1)}
        records = RecordWriter(file, compress=compress)
        records.begin(novel, name, len(pages))
        for row in _origins(opened, {page.url for page in pages}):
            records.robots(row)
        counts = [
            records.page(novel, _load(opened, page.id), generations.get(page.job_id, 0))
            for page in pages
        ]
    return WarcCounts(
        pages=counts.count("page") + counts.count("image"),
        images=counts.count("image"),
        silent=counts.count("silent"),
    )


def _of_novel(novel_id: int) -> list[ColumnElement[bool]]:
    """Pages of jobs that are done, and those of saved texts; not those of other jobs."""
    done = select(JobRow.id).where(JobRow.id == PageRow.job_id, JobRow.status == JobState.DONE)
    used = select(TextPageRow.page_id).where(TextPageRow.page_id == PageRow.id)
    return [
        PageRow.novel_id == novel_id,
        PageRow.status != NOT_MODIFIED,
        or_(PageRow.job_id.is_(None), done.exists(), used.exists()),
    ]


def _load(opened: Session, page_id: int) -> PageRow:
    [row] = load_pages(opened, [page_id])
    opened.expunge(row)
    return row


def _origins(opened: Session, urls: set[str]) -> list[OriginRow]:
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)}
    query = select(OriginRow).where(
        OriginRow.origin.in_(origins), OriginRow.robots_fetched_at.is_not(None)
    )
    return [row for row in opened.scalars(query.order_by(OriginRow.origin)) if row.robots_status]
