"""Finding and describing novels of the library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from novel_core.db.chapters import ChapterRow
from novel_core.db.novels import (
    NovelAuthorRow,
    NovelRow,
    NovelTagRow,
    latest_statistics,
    novel_id_of,
)
from novel_core.errors import AmbiguousNovel, InvalidUrl, UnknownNovel, UnsupportedUrl
from novel_core.items import Access, Statistics
from novel_core.registry import Registry
from novel_core.source import UrlMatch

#: Every number of so many digits fits a bigint.
MAX_DIGITS = 18
#: Novels an error names.
_NAMED = 5
_AUTHORS = selectinload(NovelRow.authors).selectinload(NovelAuthorRow.author)
_TAGS = selectinload(NovelRow.tags).selectinload(NovelTagRow.tag)
STATISTICS = tuple(Statistics.model_fields)


@dataclass(frozen=True, slots=True)
class NovelSummary:
    """A line of the library. `chapters` are on the site now, `held` includes removed ones."""

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
    created_at: datetime
    updated_at: datetime
    checked_at: datetime | None
    last_chapter_at: datetime | None
    cover_url: str | None


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """A series, and the novel's place in it.

    >>> SeriesPlace("The Lamp Cycle", 2.5, None, None).words
    'The Lamp Cycle (2.5)'
    """

    name: str
    number: float | None
    source_id: str | None
    url: str | None

    @property
    def place(self) -> str | None:
        """The number as people write it, without zeros that say nothing."""
        return None if self.number is None else f"{self.number:f}".rstrip("0").rstrip(".")

    @property
    def words(self) -> str:
        return self.name if self.place is None else f"{self.name} ({self.place})"


@dataclass(frozen=True, slots=True)
class NovelDetails:
    """A novel without its chapters. `statistics` are the newest numbers, or null.

    `stated_chapters` and `stated_words` are the site's own totals, or null.
    """

    summary: NovelSummary
    type: str | None
    language: str | None
    description_html: str
    tags: tuple[dict[str, str], ...]
    warnings: tuple[str, ...]
    series: tuple[SeriesPlace, ...]
    volumes: tuple[str, ...]
    statistics: dict[str, Any]
    stated_chapters: int | None
    stated_words: int | None
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
    """The id of the novel a person means: by `id:7`, slug, `source:id`, or the URL of the novel or
    of one of its chapters.

    A plain number is an id, or the title of a novel called so; where it may mean both,
    AmbiguousNovel.
    """
    reference = reference.strip()
    if row_number(reference) is not None:
        found = _by_number(session, reference)
    else:
        found = session.scalar(select(NovelRow.id).where(NovelRow.slug == reference.lower()))
    if found is None and "/" in reference:
        found = _by_url(session, registry, reference)
    elif found is None and ":" in reference:
        found = _by_source(session, *reference.split(":", 1))
    if found is None:
        raise UnknownNovel(f"There is no novel {reference[:200]!r} in the library.")
    return found


def _by_number(session: Session, number: str) -> int | None:
    """No slug is a number, but a title may be one."""
    titled = func.novel_folded(number) == NovelRow.folded_title
    rows = session.execute(
        select(NovelRow.id, NovelRow.slug, NovelRow.title)
        .where((NovelRow.id == int(number)) | titled)
        .order_by(NovelRow.id)
        .limit(_NAMED)
    ).all()
    if len(rows) > 1:
        named = ", ".join(f"{row.slug} (id:{row.id}, {row.title[:60]!r})" for row in rows)
        raise AmbiguousNovel(f"{number} may mean more than one novel: {named}.")
    return rows[0].id if rows else None


def _by_source(session: Session, source: str, source_id: str) -> int | None:
    number = row_number(source_id)
    if source == "id" and number is not None:
        return session.scalar(select(NovelRow.id).where(NovelRow.id == number))
    return novel_id_of(session, source, source_id)


def _by_url(session: Session, registry: Registry, url: str) -> int | None:
    try:
        resolved = registry.resolve(url)
    except (InvalidUrl, UnsupportedUrl):
        return None
    return matching_novel(session, resolved.source.name, resolved.match)


def matching_novel(session: Session, source: str, match: UrlMatch) -> int | None:
    """Return the id of the novel that a source's match is about; None where the library does not
    have it.

    A match that does not give the novel's id is found by its chapter.
    """
    if match.novel_id is not None:
        return novel_id_of(session, source, match.novel_id)
    return session.scalar(
        select(NovelRow.id)
        .join(ChapterRow, ChapterRow.novel_id == NovelRow.id)
        .where(NovelRow.source == source, ChapterRow.source_chapter_id == match.chapter_id)
    )


def summaries(session: Session, query: Select[NovelRow]) -> list[NovelSummary]:
    """The novels a query selects, with their authors."""
    loaded = query.options(_AUTHORS)
    return [_summary(row) for row in session.scalars(loaded)]


@dataclass(frozen=True, slots=True)
class Book:
    """A novel as a catalogue shows it."""

    summary: NovelSummary
    description_html: str
    language: str | None
    tags: tuple[dict[str, str], ...]
    published_at: datetime | None


def books(session: Session, query: Select[NovelRow]) -> list[Book]:
    """The novels a query selects, with what a catalogue shows of them."""
    loaded = query.options(_AUTHORS, _TAGS)
    return [
        Book(_summary(row), row.description_html, row.language, _tags(row), row.published_at)
        for row in session.scalars(loaded)
    ]


def _tags(row: NovelRow) -> tuple[dict[str, str], ...]:
    return tuple(
        {"kind": link.tag.kind, "slug": link.tag.slug, "name": link.raw_name} for link in row.tags
    )


def _summary(row: NovelRow) -> NovelSummary:
    return NovelSummary(
        id=row.id,
        slug=row.slug,
        title=row.title,
        authors=tuple(link.author.name for link in row.authors),
        source=row.source,
        url=row.url,
        status=row.status,
        chapters=row.chapter_count,
        held=row.held_count,
        words=row.word_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        checked_at=row.checked_at,
        last_chapter_at=row.last_chapter_at,
        cover_url=row.cover_url,
    )


def _lacking(session: Session, novel_id: int) -> dict[str, int]:
    """Chapters that are locked, removed, or missing, by their number."""
    removed = ChapterRow.removed_at.is_not(None)
    lacks = ~removed & ChapterRow.text_id.is_(None)
    row = session.execute(
        select(
            func.count().filter(lacks & (ChapterRow.access == Access.LOCKED)),
            func.count().filter(removed),
            func.count().filter(lacks & (ChapterRow.access != Access.LOCKED)),
        ).where(ChapterRow.novel_id == novel_id)
    ).one()
    return {"locked": row[0], "removed": row[1], "missing": row[2]}


def describe_novel(session: Session, novel_id: int) -> NovelDetails:
    """The novel with all that describes it."""
    row = session.scalars(
        select(NovelRow)
        .options(
            _AUTHORS,
            _TAGS,
            selectinload(NovelRow.warnings),
            selectinload(NovelRow.series),
            selectinload(NovelRow.volumes),
        )
        .where(NovelRow.id == novel_id)
    ).one()
    statistics = latest_statistics(session, novel_id)
    return NovelDetails(
        summary=_summary(row),
        type=row.type,
        language=row.language,
        description_html=row.description_html,
        tags=_tags(row),
        warnings=tuple(warning.name for warning in row.warnings),
        series=tuple(
            SeriesPlace(one.name, one.number, one.source_series_id, one.url) for one in row.series
        ),
        volumes=tuple(volume.title for volume in row.volumes),
        stated_chapters=row.stated_chapters,
        stated_words=row.stated_words,
        statistics={name: getattr(statistics, name, None) for name in STATISTICS},
        published_at=row.published_at,
        source_updated_at=row.source_updated_at,
        next_chapter_at=row.next_chapter_at,
        **_lacking(session, novel_id),
    )
