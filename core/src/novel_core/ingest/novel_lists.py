"""Writing what a novel has in an order: authors, tags, warnings and series."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from novel_core.db.novels import (
    AuthorRow,
    NovelAuthorRow,
    NovelSeriesRow,
    NovelTagRow,
    NovelWarningRow,
    TagRow,
)
from novel_core.items import Author, Novel, Series, Tag, TagKind
from novel_core.library.genres import genre_of

ListedRow = type[NovelAuthorRow | NovelTagRow | NovelWarningRow | NovelSeriesRow]


def write_lists(
    session: Session, source: str, novel_id: int, novel: Novel, *, is_new: bool
) -> bool:
    """Write the novel's lists; whether one of them differs from the saved one."""
    lists: list[tuple[ListedRow, list[dict[str, Any]]]] = [
        (NovelAuthorRow, _authors(session, source, novel.authors)),
        (NovelTagRow, _tags(session, novel.tags)),
        (NovelWarningRow, [{"name": name} for name in dict.fromkeys(novel.warnings)]),
        (NovelSeriesRow, [_series(series) for series in dict.fromkeys(novel.series)]),
    ]
    if is_new:
        for model, rows in lists:
            _insert_rows(session, model, novel_id, rows)
        return True
    changed = [_replace_rows(session, model, novel_id, rows) for model, rows in lists]
    return any(changed)


def _series(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "source_series_id": series.source_id,
        "url": series.url,
        "number": series.number,
    }


def _replace_rows(
    session: Session, model: ListedRow, novel_id: int, rows: Sequence[dict[str, Any]]
) -> bool:
    """Replace the novel's rows of `model` by `rows`, in order; False if they are the same."""
    names = tuple(rows[0]) if rows else ("position",)
    saved = session.execute(
        select(*(getattr(model, name) for name in names))
        .where(model.novel_id == novel_id)
        .order_by(model.position)
    )
    if [dict(zip(names, row, strict=True)) for row in saved] == rows:
        return False
    session.execute(delete(model).where(model.novel_id == novel_id))
    _insert_rows(session, model, novel_id, rows)
    return True


def _insert_rows(
    session: Session, model: ListedRow, novel_id: int, rows: Sequence[dict[str, Any]]
) -> None:
    if rows:
        numbered = [
            {"novel_id": novel_id, "position": position, **row} for position, row in enumerate(rows)
        ]
        session.execute(insert(model), numbered)


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
    )
    return session.scalars(statement.returning(AuthorRow.id)).one()


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
