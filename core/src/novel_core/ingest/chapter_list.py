"""Writing the chapter list: identities, order, removed and restored chapters; no texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.errors import PageChanged
from novel_core.items import Access, ChapterRef, Novel, NovelStatus

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
    "marker",
    "removed_at",
)


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
    marker: str | None
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


def merge(listed: Sequence[str], known: Sequence[str]) -> list[str]:
    """The site's list as it is now, with each removed chapter after the one it followed before.

    So numbers do not shift when chapters are removed.

    >>> merge(["1", "3", "4"], ["1", "2", "3"])
    ['1', '2', '3', '4']
    >>> merge([], ["1", "2"])
    ['1', '2']
    """
    present = set(listed)
    followers: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for chapter in known:
        if chapter in present:
            anchor = chapter
        else:
            followers.setdefault(anchor, []).append(chapter)
    order = list(followers.get(None, ()))
    for chapter in listed:
        order.append(chapter)
        order.extend(followers.get(chapter, ()))
    return order


def check_losses(
    known: Mapping[str, KnownChapter], refs: Sequence[ChapterRef], novel: Novel, url: str
) -> None:
    """Raise PageChanged if the list has lost too much: the page or its parser is suspect.

    That is every chapter, or more than half of them and at least `SUSPECT_LOSS`. If an author
    withdraws chapters for publication, the novel's status is "stub": then nothing is raised.
    """
    before = [source_id for source_id, chapter in known.items() if chapter.removed_at is None]
    present = {ref.source_id for ref in refs}
    lost = sum(source_id not in present for source_id in before)
    is_many = lost >= SUSPECT_LOSS and 2 * lost > len(before)
    if novel.status is NovelStatus.STUB or not (is_many or (before and not refs)):
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
    refs: Sequence[ChapterRef],
    volumes: Mapping[str, int],
    now: datetime,
) -> ListChange:
    """Update the list, and `known`, to what the site shows now; unchanged rows are not written."""
    numbers = {
        source_id: number
        for number, source_id in enumerate(merge([ref.source_id for ref in refs], list(known)), 1)
    }
    listed = {ref.source_id: _columns(ref, volumes) for ref in refs}
    for ref in refs:
        before = known.get(ref.source_id)
        if ref.is_approximate and before and before.published_at:
            listed[ref.source_id]["published_at"] = before.published_at
    updates: list[dict[str, Any]] = []
    removed = 0
    for source_id, chapter in known.items():
        new_values = listed.get(source_id, {"removed_at": chapter.removed_at or now})
        removed += source_id not in listed and chapter.removed_at is None
        new_values |= {"number": numbers[source_id]}
        differing = {
            name: value for name, value in new_values.items() if getattr(chapter, name) != value
        }
        if differing:
            # Every row carries every column: one statement form, one round trip for all.
            for name, value in differing.items():
                setattr(chapter, name, value)
            written = {name: getattr(chapter, name) for name in LISTED}
            updates.append({"id": chapter.id, "updated_at": now, **written})
    if updates:
        session.execute(update(ChapterRow), updates)
    added = _insert(session, novel_id, known, listed, numbers)
    return ListChange(removed, bool(updates or added))


def _columns(ref: ChapterRef, volumes: Mapping[str, int]) -> dict[str, Any]:
    return {
        "title": ref.title,
        "url": ref.url,
        "volume_id": volumes.get(ref.volume_id) if ref.volume_id else None,
        "published_at": ref.published_at,
        "access": str(ref.access),
        "marker": ref.marker,
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
