"""Writing chapter texts: the first one, a revision, a repair in place, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from novel_core.content import fingerprint, sanitize, word_count
from novel_core.db.chapters import ChapterRow, ChapterTextRow, TextPageRow
from novel_core.items import Chapter
from novel_core.pipeline.chapter_list import KnownChapter


@dataclass(frozen=True, slots=True)
class CleanText:
    """A chapter's text as it is saved."""

    content_html: str
    note_before_html: str
    note_after_html: str
    word_count: int
    fingerprint: str

    @classmethod
    def of(cls, chapter: Chapter) -> CleanText:
        content = sanitize(chapter.content_html, base_url=chapter.url).html
        before, after = (
            sanitize(note, base_url=chapter.url).html if note else ""
            for note in (chapter.note_before_html, chapter.note_after_html)
        )
        return cls(content, before, after, word_count(content), fingerprint(content, before, after))

    def columns(self) -> dict[str, Any]:
        return {
            "content_html": self.content_html,
            "note_before_html": self.note_before_html,
            "note_after_html": self.note_after_html,
            "word_count": self.word_count,
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, slots=True)
class SavedText:
    """A text on its way into the database."""

    chapter: KnownChapter
    item: Chapter
    page_ids: tuple[int, ...]
    text: CleanText


class TextWriter:
    """Decides for each chapter and writes a batch in a few statements.

    "Changed" means: the new page against the archived previous page under the same parser. `previous` makes the held
    text anew from the archive, for chapters whose text another parser version made.
    """

    def __init__(
        self,
        session: Session,
        *,
        job_id: int,
        parser_version: str,
        now: datetime,
        previous: Callable[[KnownChapter], CleanText | None],
    ) -> None:
        self._session = session
        self._job_id = job_id
        self._parser_version = parser_version
        self._now = now
        self._previous = previous
        #: Ids of the chapters that got their first text, and of those that got another one.
        self.new: set[int] = set()
        self.changed: set[int] = set()

    def write(self, texts: Sequence[SavedText]) -> None:
        versions: list[SavedText] = []
        for saved in texts:
            if self._is_same(saved):
                continue
            (self.changed if saved.chapter.version else self.new).add(saved.chapter.id)
            versions.append(saved)
        self._insert(versions)

    def _is_same(self, saved: SavedText) -> bool:
        chapter = saved.chapter
        if chapter.text_id is None:
            return False
        if chapter.parser_version == self._parser_version:
            return chapter.fingerprint == saved.text.fingerprint
        again = self._previous(chapter)
        if again is None or again.fingerprint != saved.text.fingerprint:
            return False
        repair(self._session, chapter.text_id, again, self._parser_version)
        return True

    def _insert(self, versions: Sequence[SavedText]) -> None:
        if not versions:
            return
        ids = list(
            self._session.scalars(
                insert(ChapterTextRow).returning(ChapterTextRow.id, sort_by_parameter_order=True),
                [
                    {
                        "chapter_id": saved.chapter.id,
                        "version": saved.chapter.version + 1,
                        "parser_version": self._parser_version,
                        "job_id": self._job_id,
                        **saved.text.columns(),
                    }
                    for saved in versions
                ],
            )
        )
        self._session.execute(
            insert(TextPageRow),
            [
                {"text_id": text_id, "part": part, "page_id": page_id}
                for text_id, saved in zip(ids, versions, strict=True)
                for part, page_id in enumerate(saved.page_ids)
            ],
        )
        self._session.execute(
            update(ChapterRow),
            [
                {
                    "id": saved.chapter.id,
                    "text_id": text_id,
                    "edited_at": saved.item.edited_at,
                    "updated_at": self._now,
                }
                for text_id, saved in zip(ids, versions, strict=True)
            ],
        )
        for text_id, saved in zip(ids, versions, strict=True):
            saved.chapter.text_id = text_id
            saved.chapter.version += 1


def repair(session: Session, text_id: int, text: CleanText, parser_version: str) -> None:
    """Replace a text in place: a better reading of the same page is no revision."""
    session.execute(
        update(ChapterTextRow)
        .where(ChapterTextRow.id == text_id)
        .values(parser_version=parser_version, **text.columns())
    )
