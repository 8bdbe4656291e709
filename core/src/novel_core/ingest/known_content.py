"""What the library and the archive hold already, and so what a crawl need not request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from novel_core.crawl.delegate import Validators
from novel_core.db.chapters import ChapterCheckRow, ChapterRow, TextPageRow
from novel_core.db.pages import PageRow
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.options import JobOptions
from novel_core.page import Follow
from novel_core.source import PageKind


@dataclass(frozen=True, slots=True)
class HeldChapter:
    marker: str | None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(slots=True)
class KnownContent:
    """Texts of the library (`chapters`, by the source's id), pages this job has archived, images of the novel.

    `wanted` are the held chapters to ask for again, `aside` the addresses of pages that an earlier attempt hung on.
    """

    options: JobOptions
    chapters: dict[str, HeldChapter] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    archived: dict[str, int] = field(default_factory=dict)  # requested URL -> page id
    archived_chapters: dict[tuple[str, int], int] = field(default_factory=dict)
    carried: dict[int, frozenset[str]] = field(default_factory=dict)  # page id -> its chapters
    images: dict[str, int] = field(default_factory=dict)  # requested URL -> bytes
    aside: frozenset[str] = frozenset()

    def page_of(self, follow: Follow) -> int | None:
        """The page this job has archived for `follow`, under its URL or, for a chapter, under another one."""
        page_id = self.archived.get(follow.url)
        carried = self.carried.get(page_id) if page_id is not None else None
        if carried and not carried.issuperset(follow.chapters):
            return None  # it lacked a chapter that the site may show by now
        if page_id is None and follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1:
            page_id = self.archived_chapters.get((follow.chapters[0], follow.part))
        return page_id

    def is_needed(self, follow: Follow) -> bool:
        """Whether the page brings anything that is not held."""
        if follow.url in self.aside:
            return False
        match follow.kind:
            case PageKind.INDEX:
                return True
            case PageKind.IMAGE:
                return follow.url not in self.images
            case PageKind.CHAPTER:
                return not follow.chapters or any(
                    self._is_chapter_needed(chapter, follow.marker) for chapter in follow.chapters
                )

    def _is_chapter_needed(self, chapter: str, marker: str | None) -> bool:
        held = self.chapters.get(chapter)
        if held is None or self.options.rechecks_all or chapter in self.wanted:
            return True
        return marker is not None and marker != held.marker

    def validators(self, follow: Follow) -> Validators | None:
        """For the page of one held chapter, the validators of the copy held.

        None for a part of a chapter: an answer "not modified" to one part says nothing of the others.
        """
        is_one = follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1
        if self.options.force or not is_one or follow.part > 0:
            return None
        held = self.chapters.get(follow.chapters[0])
        if held is None or not (held.etag or held.last_modified):
            return None
        return Validators(held.etag, held.last_modified)


def load_known_content(
    session: Session, claim: Claim, *, reuse_index: float, fetch_images: bool
) -> KnownContent:
    """Read what is held for the job's novel; `reuse_index` is how old an archived index page may be, in seconds."""
    known = KnownContent(claim.options)
    # Who asks whether a text has changed wants to know it of now, not of an earlier attempt's copy.
    reuse_chapters = reuse_index if claim.options.rechecks else None
    _load_archived(session, claim, known, reuse_index, reuse_chapters)
    if claim.novel_id is not None:
        _load_chapters(session, claim.novel_id, known)
        if fetch_images and not claim.options.force:
            _load_images(session, claim.novel_id, known)
    return known


def _load_archived(
    session: Session,
    claim: Claim,
    known: KnownContent,
    reuse_index: float,
    reuse_chapters: float | None,
) -> None:
    def is_younger(seconds: float) -> ColumnElement[bool]:
        return PageRow.fetched_at > func.now() - timedelta(seconds=seconds)

    query = (
        select(
            PageRow.id,
            PageRow.requested_url,
            PageRow.chapter_ids,
            PageRow.part,
            PageRow.kind,
            PageRow.size,
        )
        .where(PageRow.job_id == claim.job_id)
        .where(or_(PageRow.problem.is_(None), PageRow.kind == PageKind.IMAGE))
        .where(or_(PageRow.kind != PageKind.INDEX, is_younger(reuse_index)))
    )
    if reuse_chapters is not None:
        query = query.where(or_(PageRow.kind != PageKind.CHAPTER, is_younger(reuse_chapters)))
    for page_id, url, chapter_ids, part, kind, size in session.execute(query):
        known.archived[url] = page_id
        if kind == PageKind.IMAGE:
            known.images[url] = size
        if kind == PageKind.CHAPTER:
            known.carried[page_id] = frozenset(chapter_ids)
        # A later part belongs to the first chapter of its page.
        for chapter in chapter_ids[:1] if part else chapter_ids:
            known.archived_chapters[chapter, part] = page_id


def _load_chapters(session: Session, novel_id: int, known: KnownContent) -> None:
    rows = session.execute(
        select(
            ChapterRow.source_chapter_id,
            ChapterRow.marker,
            ChapterCheckRow.etag,
            ChapterCheckRow.last_modified,
            ChapterRow.published_at,
            ChapterRow.number,
            ChapterRow.removed_at,
            ChapterCheckRow.checked_at,
            _has_one_page,
        )
        .outerjoin(ChapterCheckRow, ChapterCheckRow.chapter_id == ChapterRow.id)
        .where(ChapterRow.novel_id == novel_id, ChapterRow.text_id.is_not(None))
    ).all()
    for source_id, marker, etag, last_modified, *_, has_one_page in rows:
        held = HeldChapter(marker, etag, last_modified) if has_one_page else HeldChapter(marker)
        known.chapters[source_id] = held
    present = [row for row in rows if row.removed_at is None]
    options = known.options
    if isinstance(options.recheck, int) and options.recheck:
        dated = [(row.source_chapter_id, row.published_at, row.number) for row in present]
        known.wanted = newest(dated, options.recheck)
    others = [
        (row.source_chapter_id, row.checked_at)
        for row in present
        if row.source_chapter_id not in known.wanted
    ]
    known.wanted |= longest_unchecked(others, options.rotate)


_has_one_page = (
    select(func.count())
    .select_from(TextPageRow)
    .where(TextPageRow.text_id == ChapterRow.text_id)
    .scalar_subquery()
    == 1
)


def newest(chapters: Iterable[tuple[str, datetime | None, int]], count: int) -> set[str]:
    """The ids of the `count` newest chapters: by date of publication, undated ones as the oldest, then by number."""
    ranked = sorted(chapters, key=lambda chapter: (chapter[1] is not None, chapter[1], chapter[2]))
    return {chapter[0] for chapter in ranked[-count:]}


def longest_unchecked(chapters: Iterable[tuple[str, datetime | None]], count: int) -> set[str]:
    """The ids of the `count` chapters whose last check is longest ago, those never checked first.

    >>> from datetime import UTC, datetime
    >>> sorted(longest_unchecked([("a", datetime(2026, 1, 2, tzinfo=UTC)), ("b", None), ("c", None)], 2))
    ['b', 'c']
    """
    ranked = sorted(chapters, key=lambda chapter: (chapter[1] is not None, chapter[1]))
    return {chapter[0] for chapter in ranked[:count]}


def _load_images(session: Session, novel_id: int, known: KnownContent) -> None:
    # One that could not be had counts too: it is not tried again at each update.
    rows = session.execute(
        select(PageRow.requested_url, PageRow.size).where(
            PageRow.novel_id == novel_id, PageRow.kind == PageKind.IMAGE
        )
    )
    known.images.update((url, size) for url, size in rows)
