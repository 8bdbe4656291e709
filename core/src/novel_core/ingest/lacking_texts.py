"""Texts that a page was requested for and does not have: which of them are gaps of the job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import update

from novel_core.db.pages import PageRow
from novel_core.errors import NovelError, PageChanged
from novel_core.ingest import staging
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.known_content import load_known_content
from novel_core.items import Chapter
from novel_core.jobs.failures import write_failure
from novel_core.page import Follow, Page, Parsed
from novel_core.plurals import enumerated
from novel_core.source import PageKind


class TextsMissing(PageChanged):
    """A page has none of the texts that it was requested for, or not all of them."""

    @classmethod
    def on(cls, page: Page, chapters: Sequence[str]) -> Self:
        noun = "chapter" if len(chapters) == 1 else "chapters"
        return cls(f"The page has no text of {noun} {enumerated(chapters)}.", url=page.url)


def _gap(page: Page, chapters: Sequence[str]) -> Follow:
    """The request for chapters that a page lacks.

    What is missing is text, also where it should stand on a page of the list.
    """
    return Follow(
        page.requested_url,
        PageKind.CHAPTER,
        chapters=tuple(chapters),
        part=page.part,
        method=page.method,
        body=page.request_body,
    )


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A page, without its body, the chapters it has no text of, and those it stands for.

    `error` is that of a page that could not be read.
    """

    page_id: int
    page: Page
    chapters: Sequence[str]
    carried: Sequence[str] = ()
    error: NovelError | None = None


class LackingTexts:
    """What the pages of a job lack, judged when all of them are read.

    A text that another page has is no gap, nor is one that is saved and was not needed.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._found: list[_Lacking] = []

    def note(self, page_id: int, page: Page, parsed: Parsed, locked: Collection[str] = ()) -> None:
        """Note the chapters that a page lacks; what an optional page lacks is no gap.

        A page with other texts only stands for those. Nor are the `locked` ones gaps.
        """
        texts = list(
            dict.fromkeys(item.source_id for item in parsed.items if isinstance(item, Chapter))
        )
        requested = dict.fromkeys(page.chapters)
        lacking = [chapter for chapter in requested if chapter not in texts]
        if lacking and not page.is_optional:
            carried = [chapter for chapter in requested if chapter in texts] or texts
            gaps = [chapter for chapter in lacking if chapter not in locked]
            self._found.append(_Lacking(page_id, replace(page, body=b""), gaps, carried))

    def reject(self, page_id: int, page: Page, error: NovelError) -> None:
        """Note a page that could not be read."""
        noted = _Lacking(page_id, replace(page, body=b""), page.chapters, error=error)
        self._found.append(noted)

    def write(self) -> None:
        """Record the gaps; each page stands for the chapters that it has from now on."""
        if not self._found:
            return
        attempt = self._attempt
        with attempt.transaction() as opened:
            texts = staging.chapter_keys(opened, attempt.job_id, part=0)
            known = load_known_content(opened, attempt.claim, reuse_index=0, fetch_images=False)
            markers: dict[str, str | None] = {}
            for ref in staging.read_refs(opened, attempt.job_id):
                markers.setdefault(ref.source_id, ref.marker)
            for lacking in self._found:
                page = lacking.page
                # An empty list stands for whatever is on a chapter's page, none on one of the list.
                if lacking.error is None and (lacking.carried or page.kind is PageKind.INDEX):
                    opened.execute(
                        update(PageRow)
                        .where(PageRow.id == lacking.page_id)
                        .values(chapter_ids=lacking.carried)
                    )
                elif lacking.error is None:
                    # It says that some of its chapters are locked, and has no text of the others.
                    opened.execute(
                        update(PageRow)
                        .where(PageRow.id == lacking.page_id)
                        .values(problem=TextsMissing.code)
                    )
                gaps = [
                    chapter
                    for chapter in lacking.chapters
                    if (page.part or chapter not in texts)
                    and known.is_chapter_needed(chapter, markers.get(chapter))
                ]
                # A page that was requested for nothing in particular is a failure by itself.
                if gaps or not page.chapters:
                    error = lacking.error
                    if error is None or isinstance(error, TextsMissing):
                        error = TextsMissing.on(page, gaps)
                    write_failure(opened, attempt.job_id, _gap(page, gaps), error)
