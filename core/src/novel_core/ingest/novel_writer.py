"""Writing a novel's row and its data, inside the save's transaction."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from sqlalchemy import delete, func, insert, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from novel_core.content import EmbeddedPicture, sanitize
from novel_core.db.novels import (
    AuthorRow,
    NovelAuthorRow,
    NovelRow,
    NovelTagRow,
    NovelWarningRow,
    StatisticsRow,
    TagRow,
    VolumeRow,
)
from novel_core.items import Author, ChapterRef, Novel, Statistics, Tag, TagKind, Volume
from novel_core.library.genres import genre_of
from novel_core.library.slugs import slug_of

#: A novel whose markup is sanitised.
CleanNovel = NewType("CleanNovel", Novel)

#: What a novel has in an order.
_Listed = type[NovelAuthorRow | NovelTagRow | NovelWarningRow]


@dataclass(frozen=True, slots=True)
class WrittenNovel:
    """The saved novel; `is_changed` if something that a reader sees of it differs."""

    id: int
    slug: str
    is_new: bool
    is_changed: bool


def cleaned(novel: Novel, index_url: str) -> CleanNovel:
    """The novel as it is saved; links in its description are relative to `index_url`."""
    description = sanitize(novel.description_html, base_url=novel.base_url or index_url).html
    return CleanNovel(novel.model_copy(update={"description_html": description}))


def embedded_pictures(novel: Novel, index_url: str) -> tuple[EmbeddedPicture, ...]:
    """The pictures written into the novel's description."""
    if "data:" not in novel.description_html:
        return ()
    return sanitize(novel.description_html, base_url=novel.base_url or index_url).pictures


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
    lists: list[tuple[_Listed, list[dict[str, Any]]]] = [
        (NovelAuthorRow, _authors(session, source, novel.authors)),
        (NovelTagRow, _tags(session, novel.tags)),
        (NovelWarningRow, [{"name": name} for name in dict.fromkeys(novel.warnings)]),
    ]
    for model, rows in lists:
        saved = [] if is_new else _saved_rows(session, model, row.id, rows)
        changed |= _replace_rows(session, model, row.id, saved, rows)
    last = None if is_new else _last_statistics(session, row.id)
    _write_statistics(session, row.id, last, novel.statistics, observed=observed)
    session.flush()
    return WrittenNovel(row.id, row.slug, is_new, changed)


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


def _saved_rows(
    session: Session, model: _Listed, novel_id: int, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The novel's saved rows of `model`, in the form of `rows`."""
    names = tuple(rows[0]) if rows else ("position",)
    saved = session.execute(
        select(*(getattr(model, name) for name in names))
        .where(model.novel_id == novel_id)
        .order_by(model.position)
    )
    return [dict(zip(names, row, strict=True)) for row in saved]


def _replace_rows(
    session: Session,
    model: _Listed,
    novel_id: int,
    saved: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
) -> bool:
    """Replace the novel's rows of `model` by `rows`, in order; False if they are the same."""
    if saved == rows:
        return False
    if saved:
        session.execute(delete(model).where(model.novel_id == novel_id))
    if rows:
        numbered = [
            {"novel_id": novel_id, "position": position, **row} for position, row in enumerate(rows)
        ]
        session.execute(insert(model), numbered)
    return True


def _authors(session: Session, source: str, authors: Sequence[Author]) -> list[dict[str, Any]]:
    # Sorted: two saves of the same authors must take the locks in the same order.
    known = {
        author: _author_id(session, source, author)
        for author in sorted(set(authors), key=lambda author: (author.source_id or "", author.name))
    }
    return [{"author_id": author_id} for author_id in dict.fromkeys(known[a] for a in authors)]


def _author_id(session: Session, source: str, author: Author) -> int:
    """The author's row: by account where there is one (its name may change), else by name."""
    by_account = author.source_id is not None
    statement = upsert(AuthorRow).values(
        source=source, source_author_id=author.source_id, name=author.name, url=author.url
    )
    statement = statement.on_conflict_do_update(
        index_elements=["source", "source_author_id" if by_account else "name"],
        index_where=AuthorRow.source_author_id.is_not(None)
        if by_account
        else AuthorRow.source_author_id.is_(None),
        set_={"name": statement.excluded.name, "url": statement.excluded.url},
        where=or_(
            AuthorRow.name != statement.excluded.name,
            AuthorRow.url.is_distinct_from(statement.excluded.url),
        ),
    )
    written: int | None = session.scalar(statement.returning(AuthorRow.id))
    if written is not None:
        return written
    same = (
        AuthorRow.source_author_id == author.source_id
        if by_account
        else (AuthorRow.source_author_id.is_(None)) & (AuthorRow.name == author.name)
    )
    return session.scalars(select(AuthorRow.id).where(AuthorRow.source == source, same)).one()


def _tags(session: Session, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    wanted: dict[tuple[str, str], Tag] = {}
    for tag in tags:
        wanted.setdefault((tag.kind, _common_slug(tag)), tag)
    ids = _tag_ids(session, wanted)
    return [
        {"tag_id": ids[key], "raw_name": tag.name, "raw_slug": tag.slug}
        for key, tag in wanted.items()
    ]


def _common_slug(tag: Tag) -> str:
    """The slug of a tag: a genre's is the same for all sources, another tag keeps its own."""
    known = genre_of(tag.name) if tag.kind in {TagKind.GENRE, TagKind.TAG} else None
    return tag.genre or known or tag.slug


def _tag_ids(session: Session, wanted: dict[tuple[str, str], Tag]) -> dict[tuple[str, str], int]:
    ids = _known_tags(session, wanted)
    # Sorted: two saves that add the same tags must take the locks in one order.
    missing = sorted(set(wanted) - set(ids))
    if missing:
        session.execute(
            upsert(TagRow).on_conflict_do_nothing(),
            [
                {"kind": kind, "slug": slug, "name": wanted[kind, slug].name}
                for kind, slug in missing
            ],
        )
        ids |= _known_tags(session, missing)
    return ids


def _known_tags(session: Session, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not keys:
        return {}
    rows = session.execute(
        select(TagRow.kind, TagRow.slug, TagRow.id).where(
            tuple_(TagRow.kind, TagRow.slug).in_(list(keys))
        )
    )
    return {(kind, slug): tag_id for kind, slug, tag_id in rows}


def _last_statistics(session: Session, novel_id: int) -> StatisticsRow | None:
    return session.scalar(
        select(StatisticsRow)
        .where(StatisticsRow.novel_id == novel_id)
        .order_by(StatisticsRow.observed_at.desc())
        .limit(1)
    )


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


def write_volumes(
    session: Session, novel_id: int, volumes: Sequence[Volume], refs: Sequence[ChapterRef]
) -> dict[str, int]:
    """Write the novel's volumes and those that the chapter list names; none is deleted.

    Returns their row ids by the source's id.
    """
    named = {volume.source_id: volume for volume in volumes}
    for ref in refs:
        if ref.volume_id is not None and ref.volume_id not in named:
            named[ref.volume_id] = Volume(source_id=ref.volume_id, title=f"Volume {len(named) + 1}")
    saved = {
        row.source_volume_id: row
        for row in session.scalars(select(VolumeRow).where(VolumeRow.novel_id == novel_id))
    }
    for position, volume in enumerate(named.values()):
        row = saved.get(volume.source_id)
        if row is None:
            row = VolumeRow(novel_id=novel_id, source_volume_id=volume.source_id)
            session.add(row)
            saved[volume.source_id] = row
        values = (volume.title, volume.cover_url, position)
        if (row.title, row.cover_url, row.position) != values:
            row.title, row.cover_url, row.position = values
    session.flush()
    return {source_id: row.id for source_id, row in saved.items()}
