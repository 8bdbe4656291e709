"""What the library and the archive have already, so that a crawl need not request it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from novel_core.archive.pages import image_sizes
from novel_core.archive.resting import resting_pages
from novel_core.crawl.delegate import Validators
from novel_core.db.chapters import ChapterCheckRow, ChapterRow, TextPageRow
from novel_core.db.pages import PageRow
from novel_core.ingest.first_markers import adopted_markers, markers_on
from novel_core.ingest.locked_chapters import resting_chapters
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.options import JobOptions
from novel_core.page import Follow
from novel_core.requests import request_key
from novel_core.settings import Settings
from novel_core.source import PageKind


@dataclass(frozen=True, slots=True)
class SavedChapter:
    marker: str | None
    validators: Validators | None
    checked_at: datetime | None = None


@dataclass(slots=True)
class KnownContent:
    """Saved texts, pages that this job has archived, and images of the novel.

    `chapters` are those with a text, by the source's id; `recheck` those among them to request
    again. `archived` are page ids by `Follow.key`, `archived_chapters` page ids by chapter and
    part, `carried` the chapters of a page by its id, `moved` ids of chapters' pages by the address
    that they were redirected to, `images` bytes by requested URL. `skipped` are the keys of pages that made an earlier attempt hang, `resting` those of pages that failed
    recently and are no gap, and whether they were optional; `locked` are chapters that rest too,
    `adopted` those whose first marker is that of the saved text.
    """

    options: JobOptions
    chapters: dict[str, SavedChapter] = field(default_factory=dict)
    recheck: set[str] = field(default_factory=set)
    archived: dict[str, int] = field(default_factory=dict)
    archived_chapters: dict[tuple[str, int], int] = field(default_factory=dict)
    carried: dict[int, frozenset[str]] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    resting: dict[str, bool] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    adopted: set[str] = field(default_factory=set)

    def adopt_markers(self, follows: Iterable[Follow]) -> None:
        """Note the chapters on a page of the list whose first marker is that of the saved text."""
        self.adopted |= adopted_markers(markers_on(follows), self.chapters)

    def page_of(self, follow: Follow) -> int | None:
        """The id of the page this job has archived for `follow`; a chapter's under any URL."""
        page_id = self.archived.get(follow.key)
        carried = self.carried.get(page_id) if page_id is not None else None
        if carried is not None and not carried.issuperset(follow.chapters):
            # It lacked a chapter that the site may show by now.
            return None
        if page_id is None and follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1:
            page_id = self.archived_chapters.get((follow.chapters[0], follow.part))
        return page_id

    def is_needed(self, follow: Follow) -> bool:
        """Whether the page has content that is not known."""
        if follow.key in self.skipped or self._rests(follow):
            return False
        match follow.kind:
            case PageKind.INDEX:
                return True
            case PageKind.IMAGE:
                return follow.url not in self.images
            case PageKind.CHAPTER:
                return not follow.chapters or any(
                    self.is_chapter_needed(chapter, marker)
                    for chapter, marker in zip_longest(follow.chapters, follow.markers)
                )

    def _rests(self, follow: Follow) -> bool:
        was_optional = self.resting.get(follow.key)
        if was_optional is None or self.options.rechecks_all:
            return False
        return follow.is_optional or not was_optional

    def is_chapter_needed(self, chapter: str, marker: str | None) -> bool:
        """Whether the chapter has no saved text, or one to request again."""
        if chapter in self.locked and not self.options.rechecks_all:
            return False
        saved = self.chapters.get(chapter)
        if saved is None or self.options.rechecks_all or chapter in self.recheck:
            return True
        return marker not in (None, saved.marker) and chapter not in self.adopted

    def validators(self, follow: Follow) -> Validators | None:
        """The validators of the saved copy, for the page of one saved chapter.

        None for a part of a chapter: "not modified" for one part says nothing of the others.
        """
        is_one = follow.kind is PageKind.CHAPTER and len(follow.chapters) == 1
        is_one = is_one and follow.key == follow.url
        if self.options.force or not is_one or follow.part > 0:
            return None
        saved = self.chapters.get(follow.chapters[0])
        return saved.validators if saved else None


def load_known_content(
    session: Session,
    claim: Claim,
    *,
    reuse_index: float,
    fetch_images: bool,
    skipped: frozenset[str] = frozenset(),
) -> KnownContent:
    """Load what is known of the job's novel.

    `reuse_index` is how old an archived index page may be, in seconds.
    """
    known = KnownContent(claim.options, skipped=skipped)
    known.resting = resting_pages(session, claim.job_id, claim.novel_id)
    _load_archived(session, claim, known, reuse_index)
    if claim.novel_id is not None:
        _load_chapters(session, claim.novel_id, known)
        known.locked = resting_chapters(session, claim.novel_id)
        if fetch_images and not claim.options.force:
            # One that could not be fetched counts too: updates do not request it again.
            known.images |= image_sizes(session, claim.novel_id)
    return known


def _load_archived(session: Session, claim: Claim, known: KnownContent, reuse_index: float) -> None:
    # A check for changes needs the site's page of now, not an earlier attempt's copy.
    aging = [PageKind.INDEX, PageKind.CHAPTER] if claim.options.rechecks else [PageKind.INDEX]
    is_young = PageRow.fetched_at > func.now() - timedelta(seconds=reuse_index)
    query = (
        select(
            PageRow.id,
            PageRow.url,
            PageRow.requested_url,
            PageRow.method,
            PageRow.request_body,
            PageRow.chapter_ids,
            PageRow.part,
            PageRow.kind,
            PageRow.size,
        )
        .where(PageRow.job_id == claim.job_id)
        .where(or_(PageRow.problem.is_(None), PageRow.kind == PageKind.IMAGE))
        .where(or_(PageRow.kind.not_in(aging), is_young))
    )
    for page_id, last, url, method, body, chapter_ids, part, kind, size in session.execute(query):
        known.archived[request_key(url, method, body)] = page_id
        if kind == PageKind.IMAGE:
            known.images[url] = size
        if kind == PageKind.CHAPTER and last != url:
            known.moved[last] = page_id
        # A chapter's page whose chapters nobody knew yet stands for whatever is on it.
        if chapter_ids or kind == PageKind.INDEX:
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
    for source_id, marker, etag, last_modified, *_, checked_at, has_one_page in rows:
        is_conditional = has_one_page and (etag or last_modified)
        validators = Validators(etag, last_modified) if is_conditional else None
        known.chapters[source_id] = SavedChapter(marker, validators, checked_at)
    present = [row for row in rows if row.removed_at is None]
    options = known.options
    if isinstance(options.recheck, int) and options.recheck:
        dated = [(row.source_chapter_id, row.published_at, row.number) for row in present]
        known.recheck = newest(dated, options.recheck)
    others = [
        (row.source_chapter_id, row.checked_at)
        for row in present
        if row.source_chapter_id not in known.recheck
    ]
    known.recheck |= longest_unchecked(others, options.rotate)


_has_one_page = (
    select(func.count())
    .select_from(TextPageRow)
    .where(TextPageRow.text_id == ChapterRow.text_id)
    .scalar_subquery()
    == 1
)


def newest(chapters: Iterable[tuple[str, datetime | None, int]], count: int) -> set[str]:
    """The ids of the `count` newest chapters: by date of publication, then by number.

    Chapters without a date count as the oldest.
    """
    ranked = sorted(chapters, key=lambda chapter: (chapter[1] is not None, chapter[1], chapter[2]))
    return {chapter[0] for chapter in ranked[-count:]}


def longest_unchecked(chapters: Iterable[tuple[str, datetime | None]], count: int) -> set[str]:
    """The ids of the `count` chapters with the oldest check, those never checked first.

    >>> from datetime import UTC, datetime
    >>> checks = [("a", datetime(2026, 1, 2, tzinfo=UTC)), ("b", None), ("c", None)]
    >>> sorted(longest_unchecked(checks, 2))
    ['b', 'c']
    """
    ranked = sorted(chapters, key=lambda chapter: (chapter[1] is not None, chapter[1]))
    return {chapter[0] for chapter in ranked[:count]}


class PictureAllowance:
    """How many pictures of a novel may still be kept; `saved` are the bytes of those there are.

    >>> allowance = PictureAllowance(Settings(max_images=2), saved=[100])
    >>> allowance.admit(), allowance.admit()
    (True, False)
    """

    def __init__(self, settings: Settings, saved: Iterable[int]) -> None:
        sizes = list(saved)
        self._most, self._most_bytes = settings.max_images, settings.max_images_bytes
        self._count, self._bytes = len(sizes), sum(sizes)
        self._has_warned = False

    @property
    def has_room(self) -> bool:
        return self._bytes < self._most_bytes

    def admit(self) -> bool:
        """Whether one more may be kept; it counts from now on."""
        if self._count >= self._most or not self.has_room:
            return False
        self._count += 1
        return True

    def add(self, size: int) -> None:
        """Count the bytes of an admitted picture."""
        self._bytes += size

    def warnings(self) -> list[str]:
        """The job's warning that pictures are left out; empty from the second call on."""
        if self._has_warned:
            return []
        self._has_warned = True
        warning = (
            f"The novel has more pictures than are kept ({self._most:,}, or"
            f" {self._most_bytes // 2**20:,} MiB): the others are not saved."
            " NOVEL_MAX_IMAGES and NOVEL_MAX_IMAGES_BYTES set how many."
        )
        return [warning]
