"""Items between parser and save: written in batches, read in the order that the save needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from novel_core.content.joined_parts import PartTexts, join_texts
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.items import Chapter, ChapterRef, Item, Novel

KINDS: dict[type[Item], str] = {Novel: "novel", ChapterRef: "chapter_ref", Chapter: "chapter"}
#: The kind of a line of the chapter list that a chapter's page gives.
WALKED = "walked_ref"
#: The kind of a chapter that a page of several chapters says to be locked.
LOCKED = "locked_ref"
#: The kind of a chapter's text as it is to be saved.
TEXT = "text"

# Of the table and not of its class: the ORM's own work for each row costs more than the rows.
_ITEMS = cast(Table, StagedItemRow.__table__)
_INSERT = insert(_ITEMS)
_INSERT_IN_ORDER = _INSERT.returning(_ITEMS.c.id, sort_by_parameter_order=True)

_TEXTS = ("content_html", "note_before_html", "note_after_html")

#: A novel, and the URL of its page.
StagedNovel = tuple[Novel, str]


class StagingLost(Exception):
    """Staged items are missing, or the library has changed since: parse the pages again.

    The table is unlogged: a crash of the server empties it.
    """


@dataclass(frozen=True, slots=True)
class StagedChapter:
    """A chapter with its parts joined, and the ids of their archived pages, in order."""

    chapter: Chapter
    page_ids: tuple[int, ...]


def as_row(
    job_id: int, page_id: int, position: int, item: Item, *, kind: str | None = None
) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "page_id": page_id,
        "kind": kind or KINDS[type(item)],
        "key": item.source_id,
        "part": item.part if isinstance(item, Chapter) else 0,
        "position": position,
        "payload": item.model_dump_json(exclude_defaults=True),
    }


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(_INSERT, list(rows))


def clear(session: Session, job_id: int) -> None:
    session.execute(delete(StagedItemRow).where(StagedItemRow.job_id == job_id))


def require(session: Session, job_id: int, rows: int) -> None:
    """Raise StagingLost unless the job has this number of rows."""
    found = session.scalar(
        select(func.count()).select_from(StagedItemRow).where(StagedItemRow.job_id == job_id)
    )
    if found != rows:
        raise StagingLost


def _of_kind(job_id: int, model: type[Item]) -> tuple[ColumnElement[bool], ...]:
    return StagedItemRow.job_id == job_id, StagedItemRow.kind == KINDS[model]


def read_novels(session: Session, job_id: int) -> list[StagedNovel]:
    """The novel as each index page tells it: its own page first, then by position."""
    rows = session.execute(
        select(StagedItemRow.payload, PageRow.url)
        .join(PageRow, PageRow.id == StagedItemRow.page_id)
        .where(*_of_kind(job_id, Novel))
        .order_by(StagedItemRow.position != 0, StagedItemRow.position, StagedItemRow.id)
    )
    return [(Novel.model_validate_json(payload), url) for payload, url in rows]


def read_refs(session: Session, job_id: int) -> list[ChapterRef]:
    """The chapter list in reading order, without texts; a chapter as often as it is listed."""
    payloads = session.scalars(
        select(StagedItemRow.payload)
        .where(*_of_kind(job_id, ChapterRef))
        .order_by(StagedItemRow.position, StagedItemRow.id)
    )
    return [ChapterRef.model_validate_json(payload) for payload in payloads]


def read_walked_refs(session: Session, job_id: int) -> dict[int, list[ChapterRef]]:
    """The lines of the chapter list that chapter pages give, by the page's id."""
    rows = session.execute(
        select(StagedItemRow.page_id, StagedItemRow.payload)
        .where(StagedItemRow.job_id == job_id, StagedItemRow.kind == WALKED)
        .order_by(StagedItemRow.id)
    )
    lines: dict[int, list[ChapterRef]] = {}
    for page_id, payload in rows:
        lines.setdefault(page_id, []).append(ChapterRef.model_validate_json(payload))
    return lines


def chapter_keys(session: Session, job_id: int, *, part: int | None = None) -> set[str]:
    """The ids of the chapters with a text, or with this part of it."""
    query = select(StagedItemRow.key).where(*_of_kind(job_id, Chapter))
    if part is not None:
        query = query.where(StagedItemRow.part == part)
    return set(session.scalars(query))


def locked_keys(session: Session, job_id: int) -> set[str]:
    """The ids of the chapters that pages say to be locked, and that no page has a text of."""
    query = select(StagedItemRow.key).where(
        StagedItemRow.job_id == job_id, StagedItemRow.kind == LOCKED
    )
    locked = set(session.scalars(query))
    return locked - chapter_keys(session, job_id) if locked else locked


def chapter_sizes(session: Session, job_id: int) -> list[tuple[str, int]]:
    """The ids of the chapters with a text, and the bytes of all their parts."""
    rows = session.execute(
        select(StagedItemRow.key, func.sum(func.octet_length(StagedItemRow.payload)))
        .where(*_of_kind(job_id, Chapter))
        .group_by(StagedItemRow.key)
        .order_by(StagedItemRow.key)
    )
    return [(key, int(size)) for key, size in rows]


def load_chapters(session: Session, job_id: int, keys: Sequence[str]) -> list[StagedChapter]:
    """The chapters of these ids with their texts, parts joined."""
    rows = session.execute(
        select(StagedItemRow.payload, StagedItemRow.page_id, StagedItemRow.part, StagedItemRow.key)
        .where(*_of_kind(job_id, Chapter), StagedItemRow.key.in_(keys))
        .order_by(StagedItemRow.key, StagedItemRow.part, StagedItemRow.id)
    )
    return [_staged_chapter(parts) for _, parts in groupby(rows, key=lambda row: row[3])]


def text_row(job_id: int, chapter: StagedChapter, columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "page_id": chapter.page_ids[0],
        "kind": TEXT,
        "key": chapter.chapter.source_id,
        "part": 0,
        "position": 0,
        "payload": json.dumps(columns, ensure_ascii=False),
    }


def write_texts(session: Session, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Write texts to save; the ids of their rows, in order."""
    if not rows:
        return ()
    return session.connection().scalars(_INSERT_IN_ORDER, list(rows)).all()


def _staged_chapter(rows: Iterable[Row[str, int, int, str]]) -> StagedChapter:
    parts: dict[int, tuple[Chapter, int]] = {}
    for payload, page_id, part, _ in rows:
        # The same part found on two pages: the first one counts.
        parts.setdefault(part, (Chapter.model_validate_json(payload), page_id))
    chapters, page_ids = zip(*parts.values(), strict=True)
    return StagedChapter(join(chapters), page_ids)


def join(parts: Sequence[Chapter]) -> Chapter:
    """A chapter from its parts, in order."""
    first = parts[0]
    if len(parts) == 1:
        return first
    edits = [part.edited_at for part in parts if part.edited_at]
    texts = join_texts(
        [
            PartTexts(part.base_url or part.url, tuple(getattr(part, name) for name in _TEXTS))
            for part in parts
        ]
    )
    update = dict(zip(_TEXTS, texts, strict=True)) | {"edited_at": max(edits, default=None)}
    return first.model_copy(update=update)
