"""Writing chapter texts: the first one, a revision, a repair in place, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, insert, text, update
from sqlalchemy.orm import Session

from novel_core import content
from novel_core.content import EmbeddedPicture, sanitize_together
from novel_core.content.compare import fingerprint_of
from novel_core.content.count import words_in
from novel_core.db.chapters import ChapterTextRow, TextPageRow
from novel_core.ingest.known_chapters import KnownChapter, SavedText
from novel_core.items import Chapter, Statistics
from novel_core.registry import LoadedSource


def text_version(source: LoadedSource) -> str:
    """The version of all that turns a page into a saved text: parser and sanitiser."""
    return f"{source.parser().version}+{content.VERSION}"


@dataclass(frozen=True, slots=True)
class CleanText:
    """A chapter's text as it is saved.

    `pictures` were embedded in it; `left_out` names what a reader sees and the text lacks.
    """

    content_html: str
    note_before_html: str
    note_after_html: str
    word_count: int
    fingerprint: str
    pictures: tuple[EmbeddedPicture, ...] = ()
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, chapter: Chapter) -> CleanText:
        texts = (chapter.content_html, chapter.note_before_html, chapter.note_after_html)
        clean = sanitize_together(texts, base_url=chapter.base_url or chapter.url)
        main, before, after = (text.html for text in clean)
        return cls(
            main,
            before,
            after,
            words_in(clean[0].pieces),
            fingerprint_of(*(text.pieces for text in clean)),
            tuple(picture for text in clean for picture in text.pictures),
            tuple(what for text in clean for what in text.left_out),
        )

    def columns(self) -> dict[str, Any]:
        return {
            "content_html": self.content_html,
            "note_before_html": self.note_before_html,
            "note_after_html": self.note_after_html,
            "word_count": self.word_count,
            "fingerprint": self.fingerprint,
        }


class TextChange(StrEnum):
    """How a text is saved: as a new version, in place of the saved one, or not at all."""

    ADDED = "added"
    REPAIRED = "repaired"
    SAME = "same"


@dataclass(slots=True)
class PreparedText:
    """A chapter's text, compared with the saved one (`saved`).

    `staged_id` is the staged row to save, None for a text that is the same.
    """

    source_id: str
    title: str
    page_ids: tuple[int, ...]
    edited_at: datetime | None
    statistics: Statistics | None
    saved: SavedText | None
    change: TextChange
    staged_id: int | None = None


#: The text of a staged row, as columns of `chapter_texts`: it never leaves the server.
_STAGED_TEXT = """
FROM unnest(CAST(:owners AS bigint[]), CAST(:versions AS bigint[]), CAST(:staged AS bigint[]))
    AS given (owner_id, version, staged_id)
JOIN staged_items ON staged_items.id = given.staged_id
CROSS JOIN LATERAL json_to_record(staged_items.payload::json) AS made (
    content_html text, note_before_html text, note_after_html text,
    word_count bigint, fingerprint text
)
"""
_ADD = text(
    f"""
INSERT INTO chapter_texts (chapter_id, version, parser_version, job_id,
    content_html, note_before_html, note_after_html, word_count, fingerprint)
SELECT given.owner_id, given.version, :parser_version, :job_id,
    made.content_html, made.note_before_html, made.note_after_html,
    made.word_count, made.fingerprint
{_STAGED_TEXT} RETURNING chapter_id, id"""
)
_REPAIR = text(
    f"""
UPDATE chapter_texts SET parser_version = :parser_version,
    content_html = made.content_html, note_before_html = made.note_before_html,
    note_after_html = made.note_after_html,
    word_count = made.word_count, fingerprint = made.fingerprint
{_STAGED_TEXT} WHERE chapter_texts.id = given.owner_id"""  # noqa: S608 - constants
)
_POINT = text(
    """
UPDATE chapters SET text_id = given.text_id, edited_at = given.edited_at, updated_at = :now
FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS bigint[]), CAST(:edits AS timestamptz[]))
    AS given (chapter_id, text_id, edited_at)
WHERE chapters.id = given.chapter_id"""
)


class TextWriter:
    """Writes a batch of prepared texts in a few statements."""

    def __init__(
        self, session: Session, *, job_id: int, parser_version: str, now: datetime
    ) -> None:
        self._session = session
        self._job_id = job_id
        self._parser_version = parser_version
        self._now = now
        #: Ids of the chapters that got their first text, and of those that got another one.
        self.new: set[int] = set()
        self.changed: set[int] = set()

    def write(self, texts: Sequence[tuple[KnownChapter, PreparedText]]) -> None:
        repaired = [pair for pair in texts if pair[1].change is TextChange.REPAIRED]
        added = [pair for pair in texts if pair[1].change is TextChange.ADDED]
        if repaired:
            owners = [prepared.saved.text_id for _, prepared in repaired if prepared.saved]
            self._session.execute(_REPAIR, self._given(owners, repaired))
        if added:
            self._add(added)

    def _given(
        self, owners: Sequence[int], texts: Sequence[tuple[KnownChapter, PreparedText]]
    ) -> dict[str, Any]:
        return {
            "owners": list(owners),
            "versions": [chapter.version + 1 for chapter, _ in texts],
            "staged": [prepared.staged_id for _, prepared in texts],
            "parser_version": self._parser_version,
        }

    def _add(self, added: Sequence[tuple[KnownChapter, PreparedText]]) -> None:
        owners = [chapter.id for chapter, _ in added]
        given = self._given(owners, added) | {"job_id": self._job_id}
        written = self._session.execute(_ADD, given)
        ids: dict[int, int] = {row.chapter_id: row.id for row in written}
        self._session.connection().execute(
            insert(cast(Table, TextPageRow.__table__)),
            [
                {"text_id": ids[chapter.id], "part": part, "page_id": page_id}
                for chapter, prepared in added
                for part, page_id in enumerate(prepared.page_ids)
            ],
        )
        self._session.execute(
            _POINT,
            {
                "ids": owners,
                "texts": [ids[owner] for owner in owners],
                "edits": [prepared.edited_at for _, prepared in added],
                "now": self._now,
            },
        )
        for chapter, _ in added:
            (self.changed if chapter.version else self.new).add(chapter.id)
            chapter.text_id = ids[chapter.id]
            chapter.version += 1


def repair(session: Session, text_id: int, text: CleanText, parser_version: str) -> None:
    """Replace a text in place: a better reading of the same page is no revision."""
    session.execute(
        update(ChapterTextRow)
        .where(ChapterTextRow.id == text_id)
        .values(parser_version=parser_version, **text.columns())
    )
