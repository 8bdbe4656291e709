"""Writing a novel's row and its data, inside the save's transaction."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NewType

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from novel_core.content import EmbeddedPicture, sanitize
from novel_core.db.novels import NovelRow, StatisticsRow, latest_statistics
from novel_core.errors import UnknownNovel
from novel_core.ingest.novel_lists import write_lists
from novel_core.ingest.site_list import SiteList
from novel_core.items import Novel, Statistics
from novel_core.library.slugs import slug_of

#: A novel whose markup is sanitised.
CleanNovel = NewType("CleanNovel", Novel)


@dataclass(frozen=True, slots=True)
class WrittenNovel:
    """The saved novel; `is_changed` if something that a reader sees of it differs."""

    id: int
    slug: str
    is_new: bool
    is_changed: bool
    #: The number of chapters that the site stated before.
    stated_before: int | None


def cleaned(novel: Novel, index_url: str) -> tuple[CleanNovel, tuple[EmbeddedPicture, ...]]:
    """The novel as it is saved, and the pictures embedded in its description.

    Links in the description are relative to `index_url`.
    """
    clean = sanitize(novel.description_html, base_url=novel.base_url or index_url)
    return CleanNovel(novel.model_copy(update={"description_html": clean.html})), clean.pictures


def write_novel(
    session: Session,
    source: str,
    novel: CleanNovel,
    *,
    index_url: str,
    parser_version: str,
    observed: bool = True,
) -> WrittenNovel:
    """Insert or update the novel; the row is locked, so that one save runs at a time.

    `observed` is False for a reparsed novel: its statistics are not of today.
    """
    values: dict[str, Any] = {
        "url": novel.url,
        "index_url": index_url,
        "title": novel.title,
        "description_html": novel.description_html,
        "cover_url": novel.cover_url,
        "type": novel.type,
        "status": novel.status,
        "language": novel.language,
        "published_at": novel.published_at,
        "source_updated_at": novel.updated_at,
        "next_chapter_at": novel.next_chapter_at,
        "parser_version": parser_version,
    }
    row = _find(session, source, novel.source_id)
    is_new = row is None
    if row is None:
        row = NovelRow(
            source=source,
            source_novel_id=novel.source_id,
            slug=_free_slug(session, source, novel),
            **values,
        )
        session.add(row)
        session.flush()
        changed = True
    else:
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        changed = bool(set(differing) - {"parser_version", "index_url"})
    changed |= write_lists(session, source, row.id, novel, is_new=is_new)
    last = None if is_new else latest_statistics(session, row.id)
    _write_statistics(session, row.id, last, novel.statistics, observed=observed)
    session.flush()
    return WrittenNovel(row.id, row.slug, is_new, changed, row.stated_chapters)


def kept_novel(session: Session, source: str, source_id: str) -> WrittenNovel:
    """The saved novel as it is, locked: the job's pages tell nothing of it."""
    row = _find(session, source, source_id)
    if row is None:
        raise UnknownNovel("The novel was removed while its update ran.")
    return WrittenNovel(row.id, row.slug, False, False, row.stated_chapters)


def _find(session: Session, source: str, source_id: str) -> NovelRow | None:
    return session.scalar(
        select(NovelRow)
        .where(NovelRow.source == source, NovelRow.source_novel_id == source_id)
        .with_for_update()
    )


def _free_slug(session: Session, source: str, novel: Novel) -> str:
    """A readable, unique, permanent slug; never a number, since ids are numbers."""
    at_source = f"{source}-{slug_of(novel.source_id)}".rstrip("-")
    base = slug_of(novel.title, language=novel.language) or at_source
    # Two novels of one title saved at once must not take the same slug.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:slug))"), {"slug": base})
    candidates = [base, f"{base}-{source}", f"{base}-{at_source}"]
    numbered = (f"{candidates[-1]}-{number}" for number in itertools.count(2))
    taken = set(
        session.scalars(
            select(NovelRow.slug).where(
                or_(
                    NovelRow.slug.in_(candidates),
                    NovelRow.slug.startswith(candidates[-1], autoescape=True),
                )
            )
        )
    )
    free = (slug for slug in itertools.chain(candidates, numbered) if slug not in taken)
    return next(slug for slug in free if not slug.isdecimal())


def _write_statistics(
    session: Session,
    novel_id: int,
    last: StatisticsRow | None,
    statistics: Statistics,
    *,
    observed: bool,
) -> None:
    values = statistics.model_dump()
    if last is not None and all(getattr(last, name) == value for name, value in values.items()):
        return
    if last is None and statistics == Statistics():
        return
    if last is not None and not observed:
        for name, value in values.items():
            setattr(last, name, value)
        return
    session.add(StatisticsRow(novel_id=novel_id, observed_at=func.now(), **values))


def write_stated(session: Session, novel_id: int, site_list: SiteList) -> None:
    """Write the site's own totals; a part of the list need not repeat them."""
    stated = {
        "stated_chapters": site_list.stated.chapters,
        "stated_words": site_list.stated.words,
    }
    values = {
        name: value
        for name, value in stated.items()
        if value is not None or not site_list.is_partial
    }
    if values:
        session.execute(update(NovelRow).where(NovelRow.id == novel_id).values(values))
