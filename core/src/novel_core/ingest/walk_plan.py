"""The requests of a novel without a list: each chapter's page only names the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, TextPageRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow, JobRow
from novel_core.db.pages import PageRow
from novel_core.errors import NotFound
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.known_content import KnownContent
from novel_core.items import Access
from novel_core.page import Follow, Page
from novel_core.source import PageKind


class WalkPlan:
    """Which chapters a job walks to.

    A walk does not begin at the first chapter again: where it meets a saved one, it goes on from
    the last saved chapter, whose page is read again for its next link. Chapters that are missing
    before that one, or to be rechecked, are requested by their own addresses.
    """

    def __init__(self, attempt: Attempt, known: KnownContent) -> None:
        self._attempt = attempt
        self._known = known
        # From which chapter each was reached.
        self._before: dict[str, str | None] = {}
        # The saved chapter that the walk has gone on from, and the saved ones behind it.
        self._last: str | None = None
        self._behind: frozenset[str] = frozenset()
        self._has_resumed = self._is_stopped = False
        self._walked = 0

    def steps(self, follow: Follow, found_on: Page | None) -> list[Follow]:
        """The pages to request for one that a page names as the next chapter."""
        chapter = follow.chapters[0]
        before = None
        if found_on is not None and found_on.kind is PageKind.CHAPTER and found_on.chapters:
            before = found_on.chapters[0]
            if self._leads_back(before, chapter):
                self._attempt.warn(
                    [f"Chapter {before} leads back to chapter {chapter}: the walk ends there."]
                )
                return []
        if chapter in self._before:
            return []
        is_saved = chapter in self._known.chapters and chapter not in self._behind
        if is_saved and not self._known.is_needed(follow):
            return self._resumed(follow)
        if not self._known.is_needed(follow) and chapter not in self._behind:
            return []
        return self._counted(follow, before)

    def _leads_back(self, before: str, chapter: str) -> bool:
        is_saved = chapter in self._known.chapters and chapter not in self._behind
        if not is_saved and chapter not in self._before:
            return False
        chain = set(self._chain(before))
        return chapter in chain or (is_saved and self._last in chain)

    def _chain(self, chapter: str) -> Iterator[str]:
        """The chapter, and those it was reached from."""
        at: str | None = chapter
        while at is not None:
            yield at
            at = self._before.get(at)

    def _counted(self, follow: Follow, before: str | None) -> list[Follow]:
        most = self._attempt.settings.max_walk
        if self._walked >= most:
            if not self._is_stopped:
                self._is_stopped = True
                warning = (
                    f"The walk stopped after {most:,} chapters; the next update goes on."
                    " NOVEL_MAX_WALK sets how many one job walks."
                )
                self._attempt.warn([warning])
            return []
        self._walked += 1
        self._before[follow.chapters[0]] = before
        return [follow]

    def _resumed(self, follow: Follow) -> list[Follow]:
        """The pages to go on from, once: `follow` is the page of a saved chapter."""
        novel_id = self._attempt.claim.novel_id
        if self._has_resumed or novel_id is None:
            return []
        self._has_resumed = True
        with session(self._attempt.database) as opened:
            chapters = _listed(opened, novel_id)
            saved = [place for place, one in enumerate(chapters) if one.text_id is not None]
            gone = _gone(opened, novel_id, self._attempt.job_id)
            last = next(
                (place for place in reversed(saved) if chapters[place].source_id not in gone),
                saved[-1],
            )
            self._last = chapters[last].source_id
            self._behind = frozenset(chapters[place].source_id for place in saved if place > last)
            again = [
                chapters[place]
                for place in saved
                if place == last or chapters[place].source_id in self._known.recheck
            ]
            pages = list(_first_pages(opened, again))
        missing = [
            Follow(one.url, PageKind.CHAPTER, chapters=(one.source_id,), is_walk=True)
            for one in chapters[:last]
            if one.text_id is None and one.access != Access.LOCKED
        ]
        found = [*pages, *(one for one in missing if self._known.is_needed(one))]
        steps = [one for one in found if one.chapters[0] not in self._before]
        self._before |= dict.fromkeys(one.chapters[0] for one in steps)
        # The archive keeps no header of a request.
        return [replace(one, headers=follow.headers) for one in steps]


def _listed(opened: Session, novel_id: int) -> list[Row[str, str, str, int | None]]:
    rows = opened.execute(
        select(
            ChapterRow.source_chapter_id.label("source_id"),
            ChapterRow.url,
            ChapterRow.access,
            ChapterRow.text_id,
        )
        .where(ChapterRow.novel_id == novel_id, ChapterRow.removed_at.is_(None))
        .order_by(ChapterRow.number)
    )
    return list(rows)


def _gone(opened: Session, novel_id: int, job_id: int) -> set[str]:
    """The chapters whose page an earlier job did not find: the walk cannot go on from them."""
    rows = opened.scalars(
        select(JobFailureRow.chapter_ids)
        .join(JobRow, JobRow.id == JobFailureRow.job_id)
        .where(
            JobRow.novel_id == novel_id, JobRow.id != job_id, JobFailureRow.code == NotFound.code
        )
    )
    return {chapter for chapters in rows for chapter in chapters}


def _first_pages(
    opened: Session, chapters: Iterable[Row[str, str, str, int | None]]
) -> Iterator[Follow]:
    """The page with the beginning of each chapter's text, as it was requested."""
    by_text = {one.text_id: one.source_id for one in chapters}
    rows = opened.execute(
        select(
            TextPageRow.text_id,
            PageRow.requested_url,
            PageRow.context,
            PageRow.method,
            PageRow.request_body,
        )
        .join(PageRow, PageRow.id == TextPageRow.page_id)
        .where(TextPageRow.text_id.in_(by_text), PageRow.kind == PageKind.CHAPTER)
        .order_by(TextPageRow.text_id, TextPageRow.part)
    )
    for text_id, url, context, method, body in rows:
        if (chapter := by_text.pop(text_id, None)) is not None:
            yield Follow(
                url,
                PageKind.CHAPTER,
                chapters=(chapter,),
                context=context,
                method=method,
                body=body,
                is_walk=True,
            )
