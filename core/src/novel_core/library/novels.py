"""Finding and describing novels of the library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.novels import (
    AuthorRow,
    NovelAuthorRow,
    NovelRow,
    NovelTagRow,
    StatisticsRow,
)
from novel_core.errors import InvalidUrl, UnknownNovel, UnsupportedUrl
from novel_core.items import Access
from novel_core.registry import Registry

#: Every number of so many digits fits a bigint.
MAX_DIGITS = 18
STATISTICS = (
    "views",
    "average_views",
    "followers",
    "favorites",
    "ratings",
    "pages",
    "words",
    "scores",
    "other",
)


@dataclass(frozen=True, slots=True)
class NovelSummary:
    """One line of the library. `chapters` counts those on the site now, `held` the texts saved, removed ones included."""

    id: int
    slug: str
    title: str
    authors: tuple[str, ...]
    source: str
    url: str
    status: str | None
    chapters: int
    held: int
    words: int
    updated_at: datetime
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NovelDetails:
    """Everything about a novel but its chapters. `statistics` are the newest numbers seen; absent ones are null."""

    summary: NovelSummary
    type: str | None
    language: str | None
    description_html: str
    cover_url: str | None
    tags: tuple[dict[str, str], ...]
    warnings: tuple[str, ...]
    volumes: tuple[str, ...]
    statistics: dict[str, Any]
    published_at: datetime | None
    source_updated_at: datetime | None
    next_chapter_at: datetime | None
    locked: int
    removed: int
    missing: int


def row_number(text: str) -> int | None:
    """The number `text` writes, if the database can hold one so large.

    >>> row_number("12"), row_number("x"), row_number("9" * 30)
    (12, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else None


def find_novel(session: Session, registry: Registry, reference: str) -> int:
    """The id of the novel a person means: by id, slug, `source:id`, or the URL of the novel or of one of its chapters."""
    reference = reference.strip()
    found: int | None = None
    number = row_number(reference)
    if number is not None:
        found = session.scalar(select(NovelRow.id).where(NovelRow.id == number))
    if found is None:
        found = session.scalar(select(NovelRow.id).where(NovelRow.slug == reference.lower()))
    if found is None and "/" in reference:
        found = _by_url(session, registry, reference)
    elif found is None and ":" in reference:
        source, _, source_id = reference.partition(":")
        found = session.scalar(
            select(NovelRow.id).where(
                NovelRow.source == source, NovelRow.source_novel_id == source_id
            )
        )
    if found is None:
        raise UnknownNovel(f"There is no novel {reference[:200]!r} in the library.")
    return found


def _by_url(session: Session, registry: Registry, url: str) -> int | None:
    try:
        resolved = registry.resolve(url)
    except (InvalidUrl, UnsupportedUrl):
        return None
    match = resolved.match
    same = NovelRow.source_novel_id == match.novel_id
    if match.novel_id is None:
        same = NovelRow.id.in_(
            select(ChapterRow.novel_id).where(ChapterRow.source_chapter_id == match.chapter_id)
        )
    return session.scalar(select(NovelRow.id).where(NovelRow.source == resolved.source.name, same))


def list_novels(
    session: Session, *, search: str | None = None, source: str | None = None, limit: int = 100
) -> list[NovelSummary]:
    """Novels, the most lately changed first; `search` looks in titles and authors' names."""
    query = (
        select(NovelRow)
        .options(selectinload(NovelRow.authors).selectinload(NovelAuthorRow.author))
        .order_by(NovelRow.updated_at.desc(), NovelRow.id.desc())
        .limit(limit)
    )
    if source:
        query = query.where(NovelRow.source == source)
    if search:
        pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        by_author = NovelRow.authors.any(NovelAuthorRow.author.has(AuthorRow.name.ilike(pattern)))
        query = query.where(or_(NovelRow.title.ilike(pattern), by_author))
    rows = list(session.scalars(query))
    counts = _chapter_counts(session, [row.id for row in rows])
    return [_summary(row, counts.get(row.id, _NO_CHAPTERS)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Counts:
    present: int
    held: int
    words: int
    locked: int
    removed: int
    missing: int


_NO_CHAPTERS = _Counts(0, 0, 0, 0, 0, 0)


def _chapter_counts(session: Session, novel_ids: list[int]) -> dict[int, _Counts]:
    removed = ChapterRow.removed_at.is_not(None)
    held = ChapterRow.text_id.is_not(None)
    locked = ~removed & ~held & (ChapterRow.access == Access.LOCKED)
    missing = ~removed & ~held & (ChapterRow.access != Access.LOCKED)
    rows = session.execute(
        select(
            ChapterRow.novel_id,
            func.count().filter(~removed),
            func.count().filter(held),
            func.coalesce(func.sum(ChapterTextRow.word_count), 0),
            func.count().filter(locked),
            func.count().filter(removed),
            func.count().filter(missing),
        )
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .where(ChapterRow.novel_id.in_(novel_ids))
        .group_by(ChapterRow.novel_id)
    )
    return {row[0]: _Counts(*(int(value) for value in row[1:])) for row in rows}


def _summary(row: NovelRow, counts: _Counts) -> NovelSummary:
    return NovelSummary(
        id=row.id,
        slug=row.slug,
        title=row.title,
        authors=tuple(link.author.name for link in row.authors),
        source=row.source,
        url=row.url,
        status=row.status,
        chapters=counts.present,
        held=counts.held,
        words=counts.words,
        updated_at=row.updated_at,
        checked_at=row.checked_at,
    )


def describe_novel(session: Session, novel_id: int) -> NovelDetails:
    """The novel with all that describes it."""
    row = session.scalars(
        select(NovelRow)
        .options(
            selectinload(NovelRow.authors).selectinload(NovelAuthorRow.author),
            selectinload(NovelRow.tags).selectinload(NovelTagRow.tag),
            selectinload(NovelRow.warnings),
            selectinload(NovelRow.volumes),
        )
        .where(NovelRow.id == novel_id)
    ).one()
    counts = _chapter_counts(session, [novel_id]).get(novel_id, _NO_CHAPTERS)
    statistics = session.scalar(
        select(StatisticsRow)
        .where(StatisticsRow.novel_id == novel_id)
        .order_by(StatisticsRow.observed_at.desc())
        .limit(1)
    )
    return NovelDetails(
        summary=_summary(row, counts),
        type=row.type,
        language=row.language,
        description_html=row.description_html,
        cover_url=row.cover_url,
        tags=tuple(
            {"kind": link.tag.kind, "slug": link.tag.slug, "name": link.raw_name}
            for link in row.tags
        ),
        warnings=tuple(warning.name for warning in row.warnings),
        volumes=tuple(volume.title for volume in row.volumes),
        statistics={name: getattr(statistics, name, None) for name in STATISTICS},
        published_at=row.published_at,
        source_updated_at=row.source_updated_at,
        next_chapter_at=row.next_chapter_at,
        locked=counts.locked,
        removed=counts.removed,
        missing=counts.missing,
    )
