"""Telling the plugins what was saved, after the commit and at least once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow, StatisticsRow
from novel_core.db.service import WatchRow
from novel_core.errors import PluginError
from novel_core.hookspecs import Change, FinishedJob, SavedRef
from novel_core.items import Author, Chapter, Novel, Statistics, Tag, TagKind, Volume
from novel_core.pipeline import events
from novel_core.registry import Registry
from novel_core.runtime import Runtime
from novel_core.states import TERMINAL, JobState

_UNTOLD = (
    JobRow.status.in_(list(TERMINAL)),
    JobRow.announced_at.is_(None),
    JobRow.joined_job_id.is_(None),
)


def announce(runtime: Runtime, job_id: int) -> None:
    """Call `novel_after_save` for each new or changed item of the job, then `novel_job_finished`.

    A plugin's failure is noted with the job and does no harm. A process killed on the way leaves the job to `announce_left`.
    """
    registry = runtime.registry
    with session(runtime.database) as opened:
        # Locked for as long as it takes: another process that finds it left untold passes it by.
        job = opened.scalar(
            select(JobRow).where(JobRow.id == job_id, *_UNTOLD).with_for_update(skip_locked=True)
        )
        if job is None:
            return
        problems: list[PluginError] = []
        if job.status == JobState.DONE and registry.has_hook("novel_after_save"):
            problems += _announce_items(opened, registry, job)
        if registry.has_hook("novel_job_finished"):
            problems += registry.job_finished(_finished(opened, job))
        for problem in problems:
            events.record(opened, job_id, "warning", problem.message)
        opened.execute(update(JobRow).where(JobRow.id == job_id).values(announced_at=func.now()))


def announce_left(runtime: Runtime) -> None:
    """Announce the jobs whose process died between the commit and the announcement."""
    with session(runtime.database) as opened:
        left = opened.scalars(select(JobRow.id).where(*_UNTOLD)).all()
    for job_id in left:
        announce(runtime, job_id)


def _announce_items(opened: Session, registry: Registry, job: JobRow) -> Iterator[PluginError]:
    novel = opened.get(NovelRow, job.novel_id) if job.novel_id is not None else None
    if novel is None:
        return
    reference = _reference(opened, novel)
    new = job.started_at is not None and novel.created_at >= job.created_at
    if new or novel.updated_at >= job.created_at:
        item = novel_item(opened, novel)
        change = Change.NEW if new else Change.CHANGED
        yield from registry.after_save(item, reference, change)
    rows = opened.execute(
        select(ChapterRow, ChapterTextRow)
        .join(ChapterTextRow, ChapterTextRow.chapter_id == ChapterRow.id)
        .where(ChapterTextRow.job_id == job.id)
        .order_by(ChapterRow.number)
        .execution_options(yield_per=100)
    )
    for chapter, text in rows:
        ref = replace(reference, chapter_id=chapter.id, number=chapter.number)
        change = Change.NEW if text.version == 1 else Change.CHANGED
        yield from registry.after_save(chapter_item(chapter, text), ref, change)


def _reference(opened: Session, novel: NovelRow) -> SavedRef:
    return SavedRef(novel.id, novel.slug, is_watched=opened.get(WatchRow, novel.id) is not None)


def _finished(opened: Session, job: JobRow) -> FinishedJob:
    novel = opened.get(NovelRow, job.novel_id) if job.novel_id is not None else None
    return FinishedJob(
        id=job.id,
        source=job.source,
        url=job.url,
        status=job.status,
        error_code=job.error_code,
        error_message=job.error_message,
        counts=dict(job.counts),
        novel=_reference(opened, novel) if novel is not None else None,
    )


def novel_item(opened: Session, row: NovelRow) -> Novel:
    """A novel of the library as the item the plugins know."""
    statistics = opened.scalar(
        select(StatisticsRow)
        .where(StatisticsRow.novel_id == row.id)
        .order_by(StatisticsRow.observed_at.desc())
        .limit(1)
    )
    return Novel.model_validate(
        {
            "source_id": row.source_novel_id,
            "url": row.url,
            "title": row.title,
            "authors": tuple(
                Author(
                    name=link.author.name,
                    source_id=link.author.source_author_id,
                    url=link.author.url,
                )
                for link in row.authors
            ),
            "description_html": row.description_html,
            "cover_url": row.cover_url,
            "type": row.type,
            "status": row.status,
            "language": row.language,
            "tags": tuple(
                _tag_item(link.raw_name, link.raw_slug, link.tag.kind, link.tag.slug)
                for link in row.tags
            ),
            "warnings": tuple(warning.name for warning in row.warnings),
            "volumes": tuple(
                Volume(
                    source_id=volume.source_volume_id,
                    title=volume.title,
                    cover_url=volume.cover_url,
                )
                for volume in row.volumes
            ),
            "statistics": Statistics.model_validate(
                {name: getattr(statistics, name) for name in Statistics.model_fields}
            )
            if statistics
            else Statistics(),
            "published_at": row.published_at,
            "updated_at": row.source_updated_at,
            "next_chapter_at": row.next_chapter_at,
        }
    )


def _tag_item(name: str, slug: str, kind: str, common: str) -> Tag:
    return Tag(name=name, slug=slug, kind=TagKind(kind), genre=common if common != slug else None)


def chapter_item(row: ChapterRow, text: ChapterTextRow) -> Chapter:
    """A saved chapter as the item the plugins know."""
    return Chapter(
        source_id=row.source_chapter_id,
        title=row.title,
        url=row.url,
        content_html=text.content_html,
        note_before_html=text.note_before_html,
        note_after_html=text.note_after_html,
        published_at=row.published_at,
        edited_at=row.edited_at,
    )
