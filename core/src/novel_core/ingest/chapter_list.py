"""Writing the chapter list: identities, order, removed and restored chapters; no texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.errors import PageChanged
from novel_core.ingest.chapter_order import merge, merge_partial
from novel_core.items import Access, ChapterRef, Novel, NovelStatus
from novel_core.page import Stated

#: So many chapters removed at once, if more than half of the list, mean a wrongly read page.
SUSPECT_LOSS = 3
#: The columns of a chapter that the chapter list sets.
LISTED = (
    "number",
    "title",
    "url",
    "volume_id",
    "published_at",
    "access",
    "edited_at",
    "marker",
    "statistics",
    "removed_at",
)
#: A column that changes all the time, and is no news.
_UNTOLD = {"statistics"}


@dataclass(frozen=True, slots=True)
class SavedText:
    """What identifies the saved text of a chapter."""

    text_id: int
    fingerprint: str | None
    parser_version: str | None


@dataclass(slots=True)
class KnownChapter:
    """A chapter's row without its text, and what identifies the saved text."""

    id: int
    number: int
    title: str
    url: str
    volume_id: int | None
    published_at: datetime | None
    access: str
    edited_at: datetime | None
    marker: str | None
    statistics: dict[str, Any]
    removed_at: datetime | None
    text_id: int | None = None
    version: int = 0
    fingerprint: str | None = None
    parser_version: str | None = None

    @property
    def saved(self) -> SavedText | None:
        if self.text_id is None:
            return None
        return SavedText(self.text_id, self.fingerprint, self.parser_version)


def load(session: Session, novel_id: int) -> dict[str, KnownChapter]:
    """The novel's chapters by the source's id, in their order."""
    rows = session.execute(
        select(
            ChapterRow,
            ChapterTextRow.version,
            ChapterTextRow.fingerprint,
            ChapterTextRow.parser_version,
        )
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .where(ChapterRow.novel_id == novel_id)
        .order_by(ChapterRow.number)
    )
    return {
        row.source_chapter_id: KnownChapter(
            **{name: getattr(row, name) for name in ("id", *LISTED, "text_id")},
            version=version or 0,
            fingerprint=fingerprint,
            parser_version=parser_version,
        )
        for row, version, fingerprint, parser_version in rows
    }


@dataclass(frozen=True, slots=True)
class SiteList:
    """The chapter list as the site shows it now.

    `refs` may name a chapter twice: its first line counts. `is_complete`, `is_feed` and `stated`
    are what its pages say (`Parsed.complete_list`, `partial_list`, `stated`); `is_walk` for chapters
    that only lead to each other, of which an update reads the new ones.
    """

    refs: Sequence[ChapterRef]
    is_complete: bool = False
    is_feed: bool = False
    is_walk: bool = False
    stated: Stated = field(default_factory=Stated)

    @property
    def is_partial(self) -> bool:
        return (self.is_feed or self.is_walk) and not self.is_complete

    def order(self, known: Sequence[str]) -> list[str]:
        """The ids of all chapters, those of `known` that the list lacks too."""
        listed = list(dict.fromkeys(ref.source_id for ref in self.refs))
        return (merge_partial if self.is_partial else merge)(listed, known)


def check_losses(
    known: Mapping[str, KnownChapter], site_list: SiteList, novel: Novel, url: str
) -> None:
    """Raise PageChanged if the list has lost too much: the page or its parser is suspect.

    That is every chapter, or more than half of them and at least `SUSPECT_LOSS`. Nothing is raised
    if the novel's status is "stub" (its author has withdrawn chapters), or if the list has as many
    chapters as the site states. A part of the list may lack any, but a feed is never empty.
    """
    before = [source_id for source_id, chapter in known.items() if chapter.removed_at is None]
    present = {ref.source_id for ref in site_list.refs}
    lost = sum(source_id not in present for source_id in before)
    is_many = lost >= SUSPECT_LOSS and 2 * lost > len(before) and not site_list.is_partial
    is_empty = before and not present and not site_list.is_walk
    is_sure = site_list.is_complete or (present and len(present) == site_list.stated.chapters)
    if is_sure or novel.status is NovelStatus.STUB or not (is_many or is_empty):
        return
    raise PageChanged(
        f"The chapter list lacks {lost} of the {len(before)} chapters it had.",
        url=url,
        hint="Open the page. If the author has removed them, run"
        " `novel ingest URL --accept-removals`: saved chapters stay, marked as removed."
        " If not, the source's parser needs an update.",
    )


def with_saved_markers(
    refs: Sequence[ChapterRef], known: Mapping[str, KnownChapter], *, fresh: Collection[str] = ()
) -> list[ChapterRef]:
    """The list, in which saved chapters keep the marker of their text, but for `fresh` ones."""
    return [
        ref.model_copy(update={"marker": chapter.marker})
        if (chapter := known.get(ref.source_id)) and chapter.text_id and ref.source_id not in fresh
        else ref
        for ref in refs
    ]


@dataclass(frozen=True, slots=True)
class ListChange:
    removed: int
    is_changed: bool


def write(
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
        is_removed = source_id not in listed and not site_list.is_partial
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
    published_at = ref.published_at
    if ref.is_approximate and before and before.published_at:
        published_at = before.published_at
    statistics = ref.statistics.model_dump(exclude_defaults=True) if ref.statistics else {}
    return {
        "title": ref.title,
        "url": ref.url,
        "volume_id": volumes.get(ref.volume_id) if ref.volume_id else None,
        "published_at": published_at,
        "access": str(ref.access),
        "edited_at": ref.edited_at or (before.edited_at if before else None),
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


def is_locked(chapter: KnownChapter) -> bool:
    """Whether the chapter is locked at the site and has no saved text."""
    return chapter.access == Access.LOCKED and chapter.text_id is None
