"""Writing the chapter list: identities, order, removed and restored chapters; no texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.ingest.known_chapters import LISTED, KnownChapter
from novel_core.ingest.site_list import SiteList
from novel_core.items import ChapterRef

#: A column that changes all the time, and is no news.
_UNTOLD = {"statistics", "marker"}


@dataclass(frozen=True, slots=True)
class ListChange:
    removed: int
    is_changed: bool


def write_list(
    session: Session,
    novel_id: int,
    known: dict[str, KnownChapter],
    site_list: SiteList,
    volumes: Mapping[str, int],
    now: datetime,
) -> ListChange:
    """Update the list, and `known`, to what the site shows now; unchanged rows are not written.

    Its refs name each chapter once.
    """
    numbers = {
        source_id: number for number, source_id in enumerate(site_list.order(list(known)), 1)
    }
    listed = {
        ref.source_id: _columns(ref, volumes, known.get(ref.source_id)) for ref in site_list.refs
    }
    updates: list[dict[str, Any]] = []
    removed = 0
    is_changed = False
    for source_id, chapter in known.items():
        is_removed = (
            source_id not in listed
            and source_id not in site_list.still_counted
            and not site_list.is_partial
        )
        removed += is_removed and chapter.removed_at is None
        new_values: dict[str, Any] = {"removed_at": chapter.removed_at or now} if is_removed else {}
        new_values |= {**listed.get(source_id, {}), "number": numbers[source_id]}
        differing = {
            name: value for name, value in new_values.items() if getattr(chapter, name) != value
        }
        is_changed |= bool(differing.keys() - _UNTOLD)
        if differing:
            # Every row carries every column: one statement form, one round trip for all.
            for name, value in differing.items():
                setattr(chapter, name, value)
            written = {name: getattr(chapter, name) for name in LISTED}
            updates.append({"id": chapter.id, "updated_at": now, **written})
    if updates:
        session.execute(update(ChapterRow), updates)
    added = _insert(session, novel_id, known, listed, numbers)
    return ListChange(removed, is_changed or added > 0)


def _columns(
    ref: ChapterRef, volumes: Mapping[str, int], before: KnownChapter | None
) -> dict[str, Any]:
    published_at, edited_at = ref.published_at, ref.edited_at
    if ref.is_approximate and before:
        # Such a time differs at each visit.
        published_at = before.published_at or published_at
        edited_at = before.edited_at or edited_at
    statistics = ref.statistics.model_dump(exclude_defaults=True) if ref.statistics else {}
    return {
        "title": ref.title,
        "url": ref.url,
        "volume_id": volumes.get(ref.volume_id) if ref.volume_id else None,
        "published_at": published_at,
        "access": str(ref.access),
        "edited_at": edited_at or (before.edited_at if before else None),
        "marker": ref.marker,
        "statistics": (before.statistics if before else {}) | statistics,
        "removed_at": None,
    }


def _insert(
    session: Session,
    novel_id: int,
    known: dict[str, KnownChapter],
    listed: Mapping[str, dict[str, Any]],
    numbers: Mapping[str, int],
) -> int:
    fresh = [source_id for source_id in listed if source_id not in known]
    if not fresh:
        return 0
    rows = [
        {
            "novel_id": novel_id,
            "source_chapter_id": source_id,
            "number": numbers[source_id],
            **listed[source_id],
        }
        for source_id in fresh
    ]
    ids = session.scalars(
        insert(ChapterRow).returning(ChapterRow.id, sort_by_parameter_order=True), rows
    )
    for source_id, row, row_id in zip(fresh, rows, ids, strict=True):
        known[source_id] = KnownChapter(
            id=row_id,
            **{name: row[name] for name in LISTED},
        )
    return len(fresh)
