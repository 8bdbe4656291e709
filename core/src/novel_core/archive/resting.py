"""Pages that failed and are no gap: optional ones, and those of locked chapters. They rest for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from sqlalchemy import ColumnElement, exists, false, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from novel_core.archive.pages import is_page_of
from novel_core.db.pages import PageRow
from novel_core.errors import Locked
from novel_core.items import Access, ChapterRef
from novel_core.page import Follow
from novel_core.requests import request_key
from novel_core.source import PageKind

#: How long such a page is not requested again.
OPTIONAL_REST, LOCKED_REST = timedelta(days=3), timedelta(days=1)

_IS_LOCKED = (PageRow.kind == PageKind.CHAPTER) & (PageRow.problem == Locked.code)


def is_resting() -> ColumnElement[bool]:
    """Whether a page failed so recently that it is not requested again."""
    optional = PageRow.is_optional & (PageRow.fetched_at > func.now() - OPTIONAL_REST)
    locked = _IS_LOCKED & (PageRow.fetched_at > func.now() - LOCKED_REST)
    return PageRow.problem.is_not(None) & or_(optional, locked)


def resting_pages(opened: Session, job_id: int, novel_id: int | None) -> dict[str, bool]:
    """The keys of the novel's resting pages, and whether each was optional."""
    newer = aliased(PageRow)
    is_ours = (PageRow.job_id == job_id, newer.job_id == job_id)
    if novel_id is not None:
        is_ours = (
            is_ours[0] | (PageRow.novel_id == novel_id),
            is_ours[1] | (newer.novel_id == novel_id),
        )
    fetched_since = exists().where(
        is_ours[1],
        newer.requested_url == PageRow.requested_url,
        newer.method == PageRow.method,
        newer.request_body == PageRow.request_body,
        newer.problem.is_(None),
        newer.id > PageRow.id,
    )
    rows = opened.execute(
        select(
            PageRow.requested_url, PageRow.method, PageRow.request_body, PageRow.is_optional
        ).where(is_ours[0], is_resting(), ~fetched_since)
    )
    return {request_key(url, method, body): optional for url, method, body, optional in rows}


def note_problem(opened: Session, job_id: int, follow: Follow, code: str) -> bool:
    """Note the problem of an archived page; False if the page is not in the archive."""
    noted = opened.execute(
        update(PageRow)
        .where(*is_page_of(job_id, follow))
        .values(problem=code)
        .returning(PageRow.id)
    )
    return noted.first() is not None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Chapters that have no text for a reason that is no gap.

    `locked` are locked at the site, `optional` on optional pages. `lacks_list` says that an
    optional page of the chapter list is missing: chapters that the list lacks may be on it.
    """

    locked: frozenset[str] = field(default_factory=frozenset)
    optional: frozenset[str] = field(default_factory=frozenset)
    lacks_list: bool = False

    def with_also(self, locked: Iterable[str]) -> Self:
        """This, with further chapters that are locked at the site."""
        return replace(self, locked=self.locked.union(locked))

    def with_locked(self, refs: Iterable[ChapterRef]) -> list[ChapterRef]:
        """The chapter list, in which the locked chapters are shown as such."""
        locked = {"access": Access.LOCKED}
        return [
            ref.model_copy(update=locked) if ref.source_id in self.locked else ref for ref in refs
        ]


def load_set_aside(opened: Session, novel_id: int | None, job_id: int | None = None) -> SetAside:
    """What this job, and resting pages of earlier ones, have set aside; without a job, all pages."""
    is_ours = false() if novel_id is None else PageRow.novel_id == novel_id
    if job_id is not None:
        is_ours = (is_ours & is_resting()) | (PageRow.job_id == job_id)
    rows = opened.execute(
        select(PageRow.kind, PageRow.problem, PageRow.chapter_ids).where(
            is_ours, PageRow.problem.is_not(None), or_(PageRow.is_optional, _IS_LOCKED)
        )
    ).all()
    locked, optional = set[str](), set[str]()
    for kind, problem, chapters in rows:
        if kind == PageKind.CHAPTER:
            (locked if problem == Locked.code else optional).update(chapters)
    lacks_list = any(row.kind == PageKind.INDEX for row in rows)
    return SetAside(frozenset(locked), frozenset(optional), lacks_list)
